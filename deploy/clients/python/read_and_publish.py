"""Reads from a national node over REST and publishes through it, with Python's standard library alone (3.9 or newer).

usage: python3 read_and_publish.py https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]
"""

import http.client
import json
import ssl
import sys
import time
from urllib.parse import quote, urlencode, urlsplit


class Node:
    """One connection to the node's port: TLS 1.3, with the certificate that `multaqa-node client add` wrote."""

    def __init__(self, url, certificate, key, ca):
        tls = ssl.create_default_context(cafile=ca)
        tls.load_cert_chain(certificate, key)
        self.line = http.client.HTTPSConnection(urlsplit(url).netloc, context=tls, timeout=60)

    def ask(self, method, path, body=None, **query):
        """The answer's JSON and headers. A refusal is a problem (RFC 9457): it says what happened and what to do next."""
        headers = {"Accept-Language": "ar, fr;q=0.8, en;q=0.6", "Content-Type": "application/json"}
        self.line.request(method, quote(path, safe="/:") + ("?" + urlencode(query) if query else ""), body, headers)
        answer = self.line.getresponse()
        said = json.load(answer)
        if answer.status >= 400:
            broken = [f"{one['at']}: {one['detail']}" for one in said["errors"]]
            sys.exit("\n".join([f"{said['code']}: {said['detail']}", *broken, said["help"]]))
        return said, answer.headers

    def pages(self, path, **query):
        """All pages of a list: each names the next, until the last."""
        token = ""
        while True:
            page, _ = self.ask("GET", path, **query, **({"pageToken": token} if token else {}))
            yield page
            token = page["next_page_token"]
            if not token:
                return


def in_arabic(text):
    """A text by language, in Arabic where it has that."""
    return text.get("ar") or next(iter(text.values()), "")


def main(url, certificate, key, ca, record=None):
    node = Node(url, certificate, key, ca)

    pages = [page["objects"] for page in node.pages("/v1/services", pageSize=3)]
    services = [service for page in pages for service in page]
    print(f"services: {len(services)} on {len(pages)} pages")
    for service in services:
        print(f"  {service['id']}  {in_arabic(service['title'])}")

    if services:
        got, headers = node.ask("GET", f"/v1/services/{services[0]['id']}")
        print(f"record: {got['id']}, {got['payload']['service_type']}, {headers['Multaqa-State']}")

    found, _ = node.ask("GET", "/v1/search", q="الهوية الرقمية", pageSize=5)
    print(f"search: {found['total']}")
    for hit in found["hits"]:
        print(f"  {hit['object']['id']}  {in_arabic(hit['object']['title'])}")

    for indicator in node.ask("GET", "/v1/indicators", pageSize=1)[0]["objects"]:
        figures, _ = node.ask("GET", f"/v1/indicators/{indicator['id']}/observations", pageSize=5)
        print(f"figures: {indicator['id']}")
        for figure in figures["observations"]:
            # A decimal with the digits as published; none where there is no figure.
            print(f"  {figure['ref_area']} {figure['time_period']} {figure['value'] or '-'}")

    if record:
        publish(node, record)


def publish(node, record):
    with open(record, "rb") as file:
        published, _ = node.ask("POST", "/v1/records", file.read())
    one = published["records"][0]
    # It is signed and kept. What reads show it is the log's position at which it stands; the queue tells it.
    query = {}
    while one["state"] == "queued":
        queue, _ = node.ask("GET", "/v1/queue", pageSize=500)
        waiting = [entry for entry in queue["records"] if entry["record_id"] == one["record_id"]]
        if not waiting:
            break  # It is back on the node's own replica.
        if waiting[0]["state"] in ("void", "rejected"):
            sys.exit(f"{one['id']}: {waiting[0]['state']}: {waiting[0]['code']}")
        if waiting[0]["index"] is not None:
            query = {"minPosition": waiting[0]["index"] + 1}
            break
        time.sleep(0.5)
    got, _ = node.ask("GET", f"/v1/records/{one['id']}", **query)
    print(f"published: {one['id']}, revision {got['revision']}")


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
