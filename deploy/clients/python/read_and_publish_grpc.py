"""Reads from a national node over gRPC and publishes through it, with grpcio.

The modules are made from the node's schema, once:

  pip install grpcio grpcio-tools
  python3 -m grpc_tools.protoc -I SCHEMA --python_out=generated --grpc_python_out=generated $(find SCHEMA -name '*.proto')

usage: PYTHONPATH=generated python3 read_and_publish_grpc.py NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]
"""

import json
import pathlib
import sys
import time

import grpc
from multaqa.node.v1 import outbox_pb2, outbox_pb2_grpc, replica_pb2, replica_pb2_grpc, search_pb2, search_pb2_grpc

# A refusal comes in this language.
METADATA = [("accept-language", "ar, fr;q=0.8, en;q=0.6")]


def in_arabic(text):
    """A text by language, in Arabic where it has that."""
    return text.get("ar") or next(iter(text.values()), "")


def read(replica, searching):
    services, pages, token = [], 0, ""
    while True:
        request = replica_pb2.ListRequest(kind="service", page_size=3, page_token=token)
        page = replica.List(request, metadata=METADATA, timeout=60)
        services, pages, token = services + list(page.objects), pages + 1, page.next_page_token
        if not token:
            break
    print(f"services: {len(services)} on {pages} pages")
    for service in services:
        print(f"  {service.id}  {in_arabic(service.title)}")

    if services:
        got = replica.Get(replica_pb2.GetRequest(id=services[0].id), metadata=METADATA, timeout=60)
        service_type = json.loads(got.payload_json)["service_type"]
        print(f"record: {got.object.id}, {service_type}, {got.freshness.state}")

    found = searching.Search(search_pb2.SearchRequest(text="الهوية الرقمية", page_size=5), metadata=METADATA, timeout=60)
    print(f"search: {found.total}")
    for hit in found.hits:
        print(f"  {hit.object.id}  {in_arabic(hit.object.title)}")

    request = replica_pb2.ListRequest(kind="indicator", page_size=1)
    for indicator in replica.List(request, metadata=METADATA, timeout=60).objects:
        request = replica_pb2.ObservationsRequest(indicator=indicator.id, page_size=5)
        print(f"figures: {indicator.id}")
        for figure in replica.Observations(request, metadata=METADATA, timeout=60).observations:
            # A decimal with the digits as published; absent where there is no figure.
            print(f"  {figure.ref_area} {figure.time_period} {figure.value or '-'}")


def publish(replica, outbox, record):
    file = outbox_pb2.NamedFile(name=record, bytes=pathlib.Path(record).read_bytes())
    published = outbox.Publish(outbox_pb2.PublishRequest(files=[file]), metadata=METADATA, timeout=60)
    one, position = published.records[0], 0
    # It is signed and kept. What reads show it is the log's position at which it stands; the queue tells it.
    while one.state == "queued":
        queue = outbox.Queue(outbox_pb2.QueueRequest(page_size=500), metadata=METADATA, timeout=60)
        waiting = [entry for entry in queue.records if entry.record_id == one.record_id]
        if not waiting:
            break  # It is back on the node's own replica.
        if waiting[0].state in ("void", "rejected"):
            sys.exit(f"{one.id}: {waiting[0].state}: {waiting[0].code}")
        if waiting[0].HasField("index"):
            position = waiting[0].index + 1
            break
        time.sleep(0.5)
    request = replica_pb2.GetRequest(id=one.id, min_position=position)
    got = replica.Get(request, metadata=METADATA, timeout=60)
    print(f"published: {one.id}, revision {got.object.revision}")


def main(address, certificate, key, ca, record=None):
    files = [pathlib.Path(path).read_bytes() for path in (ca, key, certificate)]
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(*files)) as channel:
        replica = replica_pb2_grpc.ReplicaServiceStub(channel)
        try:
            read(replica, search_pb2_grpc.SearchServiceStub(channel))
            if record:
                publish(replica, outbox_pb2_grpc.OutboxServiceStub(channel), record)
        except grpc.RpcError as error:
            # The details of google.rpc.Status say the code, the rule and the next step too.
            sys.exit(f"{error.code().name}: {error.details()}")


if __name__ == "__main__":
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
