"""A member system by a client that openapi-python-client generated from /openapi-3.0.json: no line of HTTP is written here.

Prints as JSON what was read, checked and refused.

usage: generated.py DIRECTORY HOST:PORT CERTIFICATE.pem KEY.pem CA.pem

DIRECTORY holds the generated package, `multaqa_client`.
"""

import json
import ssl
import sys

directory, address, certificate, key, ca = sys.argv[1:]
sys.path.insert(0, directory)

from multaqa_client import Client
from multaqa_client.api.publishing import check_records
from multaqa_client.api.records import get_record, list_records, search_records
from multaqa_client.models import (
    GetRecordCollection,
    ListRecordsCollection,
    ListRecordsOrderBy,
    Organisation,
    Problem,
    RecordFile,
    Texts,
)

context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(certificate, key)
# A record: typed as it is written, and by its kind as it is read.
payload = Organisation(name=Texts(ar="هيئة", en="Generated"), type_="agency")
record = RecordFile(id="JO:organisation:generated", payload=payload)
foreign = RecordFile(id="SA:organisation:generated", payload=payload)

with Client(base_url=f"https://{address}", verify_ssl=context, raise_on_unexpected_status=True) as client:
    ids, token = [], None
    while token != "":
        page = list_records.sync(
            ListRecordsCollection.ORGANISATIONS,
            client=client,
            country=["SA", "JO"],
            fields=["id", "title.en"],
            order_by=ListRecordsOrderBy.ACCEPTED_AT_DESC,
            page_size=1,
            **({"page_token": token} if token else {}),
        )
        ids += [entry.id for entry in page.objects]
        token = page.next_page_token
    got = get_record.sync(GetRecordCollection.ORGANISATIONS, "SA:organisation:open", client=client)
    organisation = Organisation.from_dict(got.payload.to_dict())
    found = search_records.sync(client=client, q="open", facets=["country", "kind"])
    good = check_records.sync(client=client, body=record)
    bad = check_records.sync(client=client, body=[record, foreign])
    refused = get_record.sync(GetRecordCollection.SERVICES, "SA:service:none", client=client, accept_language="ar")
    assert isinstance(refused, Problem), refused

print(json.dumps({
    "listed": sorted(ids),
    "name": organisation.name.en,
    "accepted": got.accepted_at.tzinfo is not None,
    "found": [hit.object_.id for hit in found.hits],
    "facets": [counts.facet for counts in found.facets],
    "good": good.findings_total,
    "bad": [finding.at for finding in bad.findings],
    "refused": refused.code,
}))
