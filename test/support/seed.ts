/**
 * The seed of everything that tests draw at random: property tests, simulated worlds, shuffled orders. It is fixed,
 * so that `npm test` gives the same result each time. `npm run fuzz` sets others, and so does `SEED=… npx vitest run …`,
 * which repeats a run. What a new seed finds is kept as an example beside its test.
 */
export const SEED = Number(process.env['SEED'] ?? 1)
