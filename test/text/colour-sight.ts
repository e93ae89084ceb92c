/**
 * How different colours look, to whom: xterm's 256 colours as light, contrast (WCAG 2.2), sight without one kind of cone
 * (Machado, Oliveira, Fernandes 2009, severity 1), and the difference of two colours (CIEDE2000, Sharma et al. 2005).
 */
type Triple = readonly [number, number, number]
type Matrix = readonly [Triple, Triple, Triple]

export const SIGHTS = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
} as const satisfies Record<string, Matrix>
export type Sight = keyof typeof SIGHTS

/** sRGB to XYZ, by the white of D65. */
const XYZ: Matrix = [
  [0.4339499, 0.3762098, 0.1898402],
  [0.2126729, 0.7151522, 0.072175],
  [0.0177566, 0.1094697, 0.8727737],
]
const LEVELS = [0, 95, 135, 175, 215, 255]

/** Linear light of a colour of the cube, 0 to 1. */
function lightOf(colour: number): Triple {
  const at = colour - 16
  const part = (step: number): number => {
    const value = (LEVELS[step] ?? 0) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(Math.floor(at / 36)), part(Math.floor(at / 6) % 6), part(at % 6)]
}

function times(matrix: Matrix, [x, y, z]: Triple): Triple {
  const [a, b, c] = matrix.map(([p, q, r]) => p * x + q * y + r * z)
  return [a ?? 0, b ?? 0, c ?? 0]
}

/** The contrast to black and to white. */
export function contrasts(colour: number): { readonly black: number; readonly white: number } {
  const luminance = times(XYZ, lightOf(colour))[1]
  return { black: (luminance + 0.05) / 0.05, white: 1.05 / (luminance + 0.05) }
}

/** CIELAB of a colour as it is seen. */
function labOf(colour: number, sight: Sight): Triple {
  const [r, g, b] = times(SIGHTS[sight], lightOf(colour))
  const within = (value: number): number => Math.min(1, Math.max(0, value))
  const [x, y, z] = times(XYZ, [within(r), within(g), within(b)])
  const f = (t: number): number => (t > 216 / 24_389 ? Math.cbrt(t) : ((24_389 / 27) * t + 16) / 116)
  return [116 * f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))]
}

/** The smallest difference between any two of them. */
export function leastDifference(colours: readonly number[], sight: Sight): number {
  const labs = colours.map(colour => labOf(colour, sight))
  return Math.min(...labs.flatMap((a, at) => labs.slice(at + 1).map(b => difference(a, b))))
}

const sin = (degrees: number): number => Math.sin((degrees * Math.PI) / 180)
const cos = (degrees: number): number => Math.cos((degrees * Math.PI) / 180)

/** CIEDE2000 of two colours in CIELAB. */
export function difference(one: Triple, other: Triple): number {
  const meanChroma = (Math.hypot(one[1], one[2]) + Math.hypot(other[1], other[2])) / 2
  const stretch = 1.5 - 0.5 * Math.sqrt(meanChroma ** 7 / (meanChroma ** 7 + 25 ** 7))
  const [l1, c1, h1] = polar(one, stretch)
  const [l2, c2, h2] = polar(other, stretch)
  const apart = c1 * c2 === 0 ? 0 : ((h2 - h1 + 540) % 360) - 180
  const hue = c1 * c2 === 0 ? h1 + h2 : h1 + apart / 2
  const [light, chroma] = [(l1 + l2) / 2, (c1 + c2) / 2]
  const weight =
    1 - 0.17 * cos(hue - 30) + 0.24 * cos(2 * hue) + 0.32 * cos(3 * hue + 6) - 0.2 * cos(4 * hue - 63)
  const dl = (l2 - l1) / (1 + (0.015 * (light - 50) ** 2) / Math.sqrt(20 + (light - 50) ** 2))
  const dc = (c2 - c1) / (1 + 0.045 * chroma)
  const dh = (2 * Math.sqrt(c1 * c2) * sin(apart / 2)) / (1 + 0.015 * chroma * weight)
  const positive = ((hue % 360) + 360) % 360
  const turn =
    2 * Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7)) * sin(60 * Math.exp(-(((positive - 275) / 25) ** 2)))
  return Math.sqrt(dl ** 2 + dc ** 2 + dh ** 2 - turn * dc * dh)
}

function polar([l, a, b]: Triple, stretch: number): Triple {
  const wide = a * stretch
  return [l, Math.hypot(wide, b), ((Math.atan2(b, wide) * 180) / Math.PI + 360) % 360]
}
