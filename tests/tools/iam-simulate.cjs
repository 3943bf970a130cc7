// Asks @cloud-copilot/iam-simulate, all in one process: `node iam-simulate.cjs TOOLS QUESTIONS`, where TOOLS holds node_modules and
// QUESTIONS is a JSON list of its simulations. Prints a JSON list with an answer for each: `result`, or `cannot` and why.
const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const [tools, questions] = process.argv.slice(2)
const { runSimulation } = createRequire(join(tools, 'package.json'))('@cloud-copilot/iam-simulate')

async function answer(simulation) {
  const response = await runSimulation(simulation, {})
  if (response.resultType === 'error') return { cannot: JSON.stringify(response.errors) }
  if (response.resultType !== 'single') return { cannot: `a ${response.resultType} result` }
  const ignored = response.result.ignoredContextKeys ?? []
  if (ignored.length > 0) return { cannot: `it does not know the context key ${ignored.join(', ')} here` }
  return { result: response.overallResult }
}

async function main() {
  const answers = []
  for (const simulation of JSON.parse(readFileSync(questions, 'utf8'))) {
    answers.push(await answer(simulation).catch((error) => ({ cannot: `it fails: ${error.message}` })))
  }
  console.log(JSON.stringify(answers))
}

main()
