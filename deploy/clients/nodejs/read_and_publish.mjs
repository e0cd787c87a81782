// Reads from a national node over REST and publishes through it, with what Node.js brings (18 or newer).
//
// usage: node read_and_publish.mjs https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]

import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

const [url, certificate, key, ca, record] = process.argv.slice(2);
if (!ca) {
  console.error("usage: node read_and_publish.mjs https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]");
  process.exit(2);
}

// One connection that is kept, with the certificate that `multaqa-node client add` wrote.
const agent = new Agent({
  keepAlive: true, maxSockets: 1, minVersion: "TLSv1.3",
  cert: readFileSync(certificate), key: readFileSync(key), ca: readFileSync(ca),
});

/** The answer's JSON and headers. A refusal is a problem (RFC 9457): it says what happened and what to do next. */
function ask(method, path, query = {}, body = undefined) {
  const target = new URL(path, url);
  Object.entries(query).forEach(([name, value]) => target.searchParams.set(name, value));
  const headers = { "Accept-Language": "ar, fr;q=0.8, en;q=0.6", "Content-Type": "application/json" };
  if (body) headers["Content-Length"] = body.length;
  return new Promise((resolve, reject) => {
    const asked = request(target, { agent, method, headers, timeout: 60_000 }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part)).on("error", reject).on("end", () => {
        const said = JSON.parse(Buffer.concat(parts).toString("utf8"));
        if (answer.statusCode < 400) return resolve({ said, headers: answer.headers });
        const broken = said.errors.map(({ at, detail }) => `${at}: ${detail}`);
        return reject(new Error([`${said.code}: ${said.detail}`, ...broken, said.help].join("\n")));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in time"))).on("error", reject).end(body);
  });
}

/** All pages of a list: each names the next, until the last. */
async function* pages(path, query) {
  for (let token = ""; ;) {
    const { said } = await ask("GET", path, token ? { ...query, pageToken: token } : query);
    yield said;
    token = said.next_page_token;
    if (!token) return;
  }
}

/** A text by language, in Arabic where it has that. */
const inArabic = (text) => text.ar ?? Object.values(text)[0] ?? "";

async function read() {
  const services = [];
  let count = 0;
  for await (const page of pages("/v1/services", { pageSize: 3 })) {
    services.push(...page.objects);
    count += 1;
  }
  console.log(`services: ${services.length} on ${count} pages`);
  services.forEach(({ id, title }) => console.log(`  ${id}  ${inArabic(title)}`));

  if (services.length > 0) {
    const { said, headers } = await ask("GET", `/v1/services/${services[0].id}`);
    console.log(`record: ${said.id}, ${said.payload.service_type}, ${headers["multaqa-state"]}`);
  }

  const { said: found } = await ask("GET", "/v1/search", { q: "الهوية الرقمية", pageSize: 5 });
  console.log(`search: ${found.total}`);
  found.hits.forEach(({ object }) => console.log(`  ${object.id}  ${inArabic(object.title)}`));

  const { said: indicators } = await ask("GET", "/v1/indicators", { pageSize: 1 });
  for (const { id } of indicators.objects) {
    const { said: figures } = await ask("GET", `/v1/indicators/${id}/observations`, { pageSize: 5 });
    console.log(`figures: ${id}`);
    // A value is a decimal with the digits as published; null where there is no figure.
    figures.observations.forEach((one) => console.log(`  ${one.ref_area} ${one.time_period} ${one.value ?? "-"}`));
  }
}

async function publish(bytes) {
  const { said: published } = await ask("POST", "/v1/records", {}, bytes);
  const one = published.records[0];
  // It is signed and kept. What reads show it is the log's position at which it stands; the queue tells it.
  let query = {};
  while (one.state === "queued") {
    const { said: queue } = await ask("GET", "/v1/queue", { pageSize: 500 });
    const waiting = queue.records.find((entry) => entry.record_id === one.record_id);
    if (!waiting) break; // It is back on the node's own replica.
    if (["void", "rejected"].includes(waiting.state)) throw new Error(`${one.id}: ${waiting.state}: ${waiting.code}`);
    if (waiting.index !== null) {
      query = { minPosition: waiting.index + 1 };
      break;
    }
    await pause(500);
  }
  const { said: got } = await ask("GET", `/v1/records/${one.id}`, query);
  console.log(`published: ${one.id}, revision ${got.revision}`);
}

try {
  await read();
  if (record) await publish(readFileSync(record));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  agent.destroy();
}
