/** Further worlds like those of `simulation.test.ts`, in a process of their own. */

import { SEED } from '../support/seed.ts'
import { testWorlds } from './worlds.ts'

testWorlds(SEED + 100, 7)
