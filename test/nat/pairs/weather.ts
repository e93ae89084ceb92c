/** How the street's wire is while two people meet. */
export interface Weather {
  /** One way. */
  readonly delayMs: number
  readonly lossPercent: number
}

/** One city, one country, one continent, the other end of the world; and a radio link. */
export const WEATHERS: readonly Weather[] = [
  ...[2, 10, 40, 100].map(delayMs => ({ delayMs, lossPercent: 0 })),
  { delayMs: 40, lossPercent: 2 },
]

export function titleOfWeather({ delayMs, lossPercent }: Weather): string {
  return lossPercent === 0 ? `${delayMs} ms` : `${delayMs} ms, ${lossPercent} % lost`
}
