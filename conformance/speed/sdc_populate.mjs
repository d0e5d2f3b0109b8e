// The reference implementation of SDC $populate on our Questionnaire: node sdc_populate.mjs CASES.json
// CASES: {questionnaire, valueSets: {url: [[system, code]]}, cases: [{name: resource}]}; prints {answers, ms} as JSON.
import fs from 'node:fs';
import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/');
const { populate } = require('@aehrc/sdc-populate');
const { questionnaire, valueSets, cases } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const known = Object.fromEntries(Object.entries(valueSets).map(([url, pairs]) => [url, new Set(pairs.map(String))]));
// memberOf asks a terminology server: this one answers at once, in the same process.
globalThis.fetch = async (address, options) => {
  const asked = new URL(String(address));
  const parts = options?.body ? JSON.parse(options.body).parameter ?? [] : [];
  const of = (name) => asked.searchParams.get(name) ?? parts.find((p) => p.name === name)?.valueUri ?? parts.find((p) => p.name === name)?.valueCode;
  const codings = parts.find((p) => p.name === 'codeableConcept')?.valueCodeableConcept?.coding ?? [parts.find((p) => p.name === 'coding')?.valueCoding ?? { system: of('system'), code: of('code') }];
  const result = codings.some((c) => known[of('url')]?.has(String([c.system, c.code])));
  const body = { resourceType: 'Parameters', parameter: [{ name: 'result', valueBoolean: result }] };
  return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } });
};
console.warn = () => {};
// A Bundle is no launch context there, so each is given as a reference and fetched, at once, from memory.
const answers = [], ms = [], issues = [];
for (const one of cases) {
  const contexts = Object.keys(one).map((name) => ({ name: 'context', part: [{ name: 'name', valueString: name }, { name: 'content', valueReference: { reference: name } }] }));
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'questionnaire', resource: questionnaire }, { name: 'subject', valueReference: { reference: 'Patient/p1' } }, ...contexts] };
  const start = performance.now();
  const out = await populate(parameters, async (query) => one[query], {}, undefined, { terminologyServerUrl: 'http://127.0.0.1/fhir' });
  ms.push(performance.now() - start);
  const found = {};
  for (const group of out.parameter?.find((p) => p.name === 'response')?.resource?.item ?? []) for (const item of group.item ?? []) {
    const value = item.answer?.[0] ?? {};
    found[item.linkId] = String(value.valueCoding?.code ?? value.valueString ?? value.valueBoolean ?? value.valueInteger);
  }
  answers.push(found); issues.push(JSON.stringify(out.parameter?.find((p) => p.name === 'issues')?.resource?.issue?.[0] ?? null));
}
console.log(JSON.stringify({ answers, ms, issues: [...new Set(issues)].slice(0, 3) }));
