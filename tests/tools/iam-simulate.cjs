// Asks @cloud-copilot/iam-simulate, all in one process: `node iam-simulate.cjs TOOLS QUESTIONS`, where TOOLS holds node_modules and
// QUESTIONS is a file of `policies`, a list of documents, and `simulations`, its simulations with the places of documents in that list.
// Prints a JSON list with an answer for each simulation: `result`, or `cannot` and why.
const { createRequire } = require('node:module')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const [tools, file] = process.argv.slice(2)
const { policies, simulations } = JSON.parse(readFileSync(file, 'utf8'))
const installed = createRequire(join(tools, 'package.json'))
const { runSimulation } = installed('@cloud-copilot/iam-simulate')
const { createValidatedPolicy, validateEndpointPolicy, validateIdentityPolicy, validateResourcePolicy } = installed('@cloud-copilot/iam-policy')

// Each document is validated once for each use.
function reader(validate) {
  const seen = new Map()
  return (place) => {
    if (!seen.has(place)) seen.set(place, createValidatedPolicy(policies[place], validate))
    return seen.get(place)
  }
}
const identity = reader(validateIdentityPolicy)
const resource = reader(validateResourcePolicy)
const endpoint = reader(validateEndpointPolicy)

function named(read, places) {
  return places?.map((place) => ({ name: `policy ${place}`, policy: read(place) }))
}

async function answer({ request, policies: by }) {
  const simulation = {
    request,
    identityPolicies: named(identity, by.identity),
    permissionBoundaryPolicies: named(identity, by.boundary),
    sessionPolicy: by.session && identity(by.session[0]),
    resourcePolicy: by.resource && resource(by.resource[0]),
    vpcEndpointPolicies: named(endpoint, by.endpoint),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }
  const response = await runSimulation(simulation, {})
  if (response.resultType === 'error') return { cannot: JSON.stringify(response.errors) }
  if (response.resultType !== 'single') return { cannot: `a ${response.resultType} result` }
  const ignored = response.result.ignoredContextKeys ?? []
  if (ignored.length > 0) return { cannot: `it does not know the context key ${ignored.join(', ')} here` }
  return { result: response.overallResult }
}

async function main() {
  const answers = []
  for (const simulation of simulations) {
    answers.push(await answer(simulation).catch((error) => ({ cannot: `it fails: ${error.message}` })))
  }
  console.log(JSON.stringify(answers))
}

main()
