// Decides IAM requests: for each line of JSON in at stdin one out at stdout. engine.py is its only caller.
import { createInterface } from 'node:readline'
import {
  allowedContextKeysForRequest,
  anonymousPrincipal,
  isConditionKeyArray,
  runSimulation,
  typeForContextKey
} from '@cloud-copilot/iam-simulate'

// The engine's localeCompare builds a collator at each call, which took half of the time; a kept one answers the same.
const collators = new Map()
String.prototype.localeCompare = function (other, locale, options) {
  const name = JSON.stringify([locale, options])
  if (!collators.has(name)) collators.set(name, new Intl.Collator(locale, options))
  return collators.get(name).compare(this, other)
}

// The engine knows `kms:EncryptionContext:NAME` only under the name of its template, and ignores every real one.
// Both in policies and in requests it travels as a tag of the principal, which may have any name. So do the claims of
// web identity and SAML providers, which the engine knows for assuming a role, but not in the sessions that come of it;
// those of a company's own provider it does not know at all.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
const ENCRYPTION_CONTEXT = /kms:EncryptionContext:/gi
const DISGUISE = 'aws:PrincipalTag/'
const IN_DISGUISE = `${DISGUISE}kms:EncryptionContext:`
const ENCRYPTION_CONTEXT_TEMPLATE = 'kms:encryptioncontext:${encryptioncontextkey}'

const CLAIM = /(?<=["{])(?=(?:www\.amazon\.com|graph\.facebook\.com|id\.example\.com\/\w+):\w|cognito-identity\.amazonaws\.com:sub\b|saml:(?:namequalifier|sub|sub_type)\b)/g
const IN_ANY_DISGUISE = /aws:PrincipalTag\/(?=kms:EncryptionContext:|www\.amazon\.com:|graph\.facebook\.com:|cognito-identity\.amazonaws\.com:sub|id\.example\.com\/|saml:)/g

const full = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

// Service control policies are attached beside FullAWSAccess, as AWS does by default.
function policySet(set, documents) {
  const named = (index, kind) => ({ name: `${kind} policy`, policy: documents[index] })
  return {
    identityPolicies: set.identity.map((index) => named(index, 'identity')),
    resourcePolicy: documents[set.resource],
    permissionBoundaryPolicies: set.boundary === null ? undefined : [named(set.boundary, 'boundary')],
    vpcEndpointPolicies: set.endpoint === null ? undefined : [named(set.endpoint, 'endpoint')],
    serviceControlPolicies: set.service_control.length
      ? [
          {
            orgIdentifier: 'r-root',
            policies: [
              { name: 'FullAWSAccess', policy: full },
              ...set.service_control.map((index) => named(index, 'service control'))
            ]
          }
        ]
      : [],
    resourceControlPolicies: []
  }
}

// Says which context keys the engine did not use as they are meant. Beyond those that it names itself, it takes the
// first of several values of a key that can have only one, and would use the encryption context for any action.
async function misunderstood({ action, resource, contextVariables }, ignored) {
  const problems = ignored.map((key) => `${key} is not a key of ${action}`)
  for (const [key, value] of Object.entries(contextVariables)) {
    if (ignored.includes(key)) continue
    if (value.length === 0) problems.push(`${key} has no value`)
    if (Array.isArray(value) && !isConditionKeyArray(await typeForContextKey(key))) problems.push(`${key} has one value`)
    if (!key.startsWith(IN_DISGUISE)) continue
    const keys = await allowedContextKeysForRequest(...action.split(':'), resource.resource, false, undefined)
    if (!keys.includes(ENCRYPTION_CONTEXT_TEMPLATE)) problems.push(`${key} is not a key of ${action}`)
  }
  return problems
}

// The engine applies the policies of a principal to services too, which have none.
const hasOwn = ({ identityPolicies, permissionBoundaryPolicies, serviceControlPolicies }) =>
  identityPolicies.length || permissionBoundaryPolicies || serviceControlPolicies.length

async function answer(policies, { principal, ...rest }) {
  const request = { principal: principal ?? anonymousPrincipal, ...rest }
  if (principal?.endsWith('.amazonaws.com') && hasOwn(policies)) {
    return { error: 'a service has no identity policies, boundary or service control policies' }
  }
  const { resultType, errors, result, overallResult } = await runSimulation({ ...policies, request }, {})
  if (resultType === 'error') return { error: JSON.stringify(errors) }
  // Of a pattern of resources the engine answers whether any of them is allowed.
  if (resultType !== 'single') return { error: 'a request has one resource, not a pattern' }
  const problems = await misunderstood(request, result.ignoredContextKeys)
  return problems.length ? { error: problems.join(', ') } : overallResult
}

// A group ends with the first answer that is not the expected one.
async function answers(group, policies, requests) {
  const found = []
  for (const [set, request, expected] of group) {
    const decision = await answer(policies[set], requests[request])
    found.push(decision)
    if (expected !== null && decision !== expected) break
  }
  return found
}

for await (const line of createInterface({ input: process.stdin })) {
  const input = JSON.parse(line.replace(ENCRYPTION_CONTEXT, IN_DISGUISE).replace(CLAIM, DISGUISE))
  const policies = input.policies.map((set) => policySet(set, input.documents))
  const output = []
  for (const group of input.groups) output.push(await answers(group, policies, input.requests))
  process.stdout.write(`${JSON.stringify(output).replaceAll(IN_ANY_DISGUISE, '')}\n`)
}
