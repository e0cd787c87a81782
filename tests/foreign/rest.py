"""A member system with what every Python has: http.client over ssl, on one connection kept open, no protocol offered by ALPN.

Prints as JSON the ids of the organisations, the status of asking again with the tag, and the code of a problem.

usage: rest.py HOST:PORT CERTIFICATE.pem KEY.pem CA.pem
"""

import http.client
import json
import ssl
import sys


def main(address, certificate, key, ca):
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(certificate, key)
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=300)

    def get(path, **headers):
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read()

    listed, body = get("/v1/organisations")
    assert listed.status == 200 and listed.version == 11, (listed.status, listed.version)
    assert listed.getheader("multaqa-state") in ("live", "stale", "offline"), listed.getheaders()
    again, empty = get("/v1/organisations", **{"If-None-Match": listed.getheader("etag")})
    assert empty == b"", empty
    unknown, problem = get("/nothing", **{"Accept-Language": "ar"})
    assert unknown.getheader("content-language") == "ar", unknown.getheaders()
    print(json.dumps({
        "alpn": connection.sock.selected_alpn_protocol(),
        "ids": [entry["id"] for entry in json.loads(body)["objects"]],
        "again": again.status,
        "problem": json.loads(problem)["code"],
    }))


main(*sys.argv[1:])
