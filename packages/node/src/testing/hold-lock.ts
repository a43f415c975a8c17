/** Takes a state folder's lock, says so, and holds it until it is killed or its input ends. */
import { isIoProblem } from '@pigeon/engine/problem'
import { lockStateFolder } from '../process-lock.ts'

const lock = lockStateFolder(process.argv[2] ?? '', 'pigeond')
process.stdout.write(isIoProblem(lock) ? `${lock.message}\n` : 'locked\n')
process.stdin.resume()
