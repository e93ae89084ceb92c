/** Further worlds like those of `simulation.test.ts`, in a process of their own. */
import { SEED, testWorlds } from './worlds.ts'

testWorlds(SEED + 100, 7)
