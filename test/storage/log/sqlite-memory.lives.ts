/** What the log on disk and its twin disagreed about once, as chance found it: it is tried again each time. */

/** Each is a room: its lives, and the steps of each life. */
export const LIVES = [
  [
    // a chain that begins at its second place, and then its first message
    [
      { act: 'root', who: 0, log: 1, pick: 0, proof: 'signature' },
      { act: 'before', who: 0, log: 1, pick: 0, proof: 'signature' },
    ],
    [],
  ],
  [
    // a forked chain that is saved once more before others are pruned
    [
      { act: 'root', who: 0, log: 2, pick: 0, proof: 'signature' },
      { act: 'append', who: 0, log: 2, pick: 0, proof: 'signature' },
      { act: 'before', who: 0, log: 2, pick: 0, proof: 'signature' },
      { act: 'append', who: 0, log: 1, pick: 0, proof: 'signature' },
      { act: 'append', who: 1, log: 2, pick: 0, proof: 'signature' },
    ],
    [
      { act: 'append', who: 0, log: 2, pick: 7, proof: 'signature' },
      { act: 'append', who: 0, log: 2, pick: 5, proof: 'signature' },
      { act: 'close', who: 0, log: 2, pick: 0, proof: 'signature' },
      { act: 'append', who: 0, log: 1, pick: 0, proof: 'signature' },
    ],
    [
      { act: 'append', who: 1, log: 1, pick: 0, proof: 'signature' },
      { act: 'append', who: 2, log: 1, pick: 0, proof: 'signature' },
      { act: 'prune', who: 0, log: 1, pick: 7, proof: 'signature' },
    ],
  ],
  [
    // a first place that is filled again after it was pruned, by a message that is no earlier than the second
    [
      { act: 'begin', who: 1, log: 1, pick: 0, proof: 'signature' },
      { act: 'append', who: 1, log: 1, pick: 0, proof: 'signature' },
    ],
    [{ act: 'prune', who: 0, log: 1, pick: 1, proof: 'signature' }],
    [
      { act: 'begin', who: 1, log: 1, pick: 1, proof: 'signature' },
      { act: 'append', who: 1, log: 1, pick: 0, proof: 'signature' },
      { act: 'prune', who: 0, log: 1, pick: 1, proof: 'signature' },
    ],
  ],
] as const
