/**
 * The few names of the web platform's types that libp2p's declarations use and @types/node lacks. The alternative,
 * TypeScript's "dom" library, would let `window`, `name` and some thousand more globals pass the type check.
 */
interface EventInit {
  bubbles?: boolean
  cancelable?: boolean
  composed?: boolean
}

interface CustomEventInit<T = unknown> extends EventInit {
  detail?: T
}

interface AddEventListenerOptions extends EventListenerOptions {
  once?: boolean
  passive?: boolean
  signal?: AbortSignal
}

type JsonWebKey = import('node:crypto').webcrypto.JsonWebKey

type CryptoKeyPair = import('node:crypto').webcrypto.CryptoKeyPair
