/** Run once before the tests that start the program: builds it, so that none of them ever tests yesterday's. */
export { buildProgram as setup } from '../scripts/build.ts'
