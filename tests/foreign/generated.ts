// A member system by the types that openapi-typescript generated from /openapi-3.0.json and openapi-fetch: what does not fit the
// document, the compiler refuses. Prints as JSON what was read, checked and refused.
//
// usage: node generated.js HOST:PORT CERTIFICATE.pem KEY.pem CA.pem

import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import { Agent, setGlobalDispatcher } from "undici";
import type { components, paths } from "./schema.js";

const [address, certificate, key, ca] = process.argv.slice(2) as [string, string, string, string];
const file = (path: string) => readFileSync(path, "utf8");
setGlobalDispatcher(new Agent({ connect: { ca: file(ca), cert: file(certificate), key: file(key) } }));
// Of the media types that an answer may have, these.
const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: `https://${address}` });

function given<T>(answer: { data?: T; error?: components["schemas"]["Problem"] }): T {
    if (answer.data === undefined) {
        throw new Error(`refused: ${JSON.stringify(answer.error)}`);
    }
    return answer.data;
}

const ids: string[] = [];
let token = "";
do {
    const page = given(
        await client.GET("/v1/{collection}", {
            params: {
                path: { collection: "organisations" },
                query: {
                    country: ["SA", "JO"],
                    fields: ["id", "title.en"],
                    orderBy: "accepted_at desc",
                    pageSize: 1,
                    ...(token === "" ? {} : { pageToken: token }),
                },
            },
        }),
    );
    ids.push(...page.objects.map((object) => object.id ?? ""));
    token = page.next_page_token;
} while (token !== "");

const path = { collection: "organisations", id: "SA:organisation:open" } as const;
const got = given(await client.GET("/v1/{collection}/{id}", { params: { path } }));
const organisation = got.payload as components["schemas"]["Organisation"];
const found = given(await client.GET("/v1/search", { params: { query: { q: "open", facets: ["country", "kind"] } } }));

const payload: components["schemas"]["Organisation"] = { name: { ar: "هيئة", en: "Generated" }, type: "agency" };
const record: components["schemas"]["RecordFile"] = { id: "JO:organisation:generated", payload };
const good = given(await client.POST("/v1/records:check", { body: record }));
const bad = given(await client.POST("/v1/records:check", { body: [record, { ...record, id: "SA:organisation:generated" }] }));
const refused = await client.GET("/v1/{collection}/{id}", {
    params: { path: { collection: "services", id: "SA:service:none" }, header: { "Accept-Language": "ar" } },
});

console.log(
    JSON.stringify({
        listed: ids.sort(),
        name: organisation.name?.en,
        accepted: !Number.isNaN(Date.parse(got.accepted_at ?? "")),
        found: found.hits.map((hit) => hit.object?.id),
        facets: found.facets.map((counts) => counts.facet),
        good: good.findings_total,
        bad: bad.findings.map((finding) => finding.at),
        refused: refused.error?.code,
    }),
);
process.exit(0);
