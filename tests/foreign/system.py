"""A member system as a foreign client: grpcio over mutual TLS on the node's port, and nothing of the project but its schema.

Reads one JSON command a line from standard input, makes the call on one connection, and writes one JSON answer a line: what was
answered, or the error with everything that google.rpc.Status carries.

usage: system.py HOST:PORT CERTIFICATE.pem KEY.pem CA.pem SCHEMA_DIR
needs: grpcio, grpcio-tools
"""

import importlib
import itertools
import json
import pathlib
import sys
import tempfile

import grpc
from google.protobuf import any_pb2, json_format
from grpc_tools import protoc

# What is not the project's: as its own specifications have it, the parts that are used.
ERRORS = """syntax = "proto3"; package google.rpc;
import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
message LocalizedMessage { string locale = 1; string message = 2; }
message Help { message Link { string description = 1; string url = 2; } repeated Link links = 1; }
message BadRequest { message FieldViolation { string field = 1; string description = 2; string reason = 3; }
  repeated FieldViolation field_violations = 1; }
message RetryInfo { google.protobuf.Duration retry_delay = 1; }
"""
HEALTH = """syntax = "proto3"; package grpc.health.v1;
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse { enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
  ServingStatus status = 1; }
service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }
"""
REFLECTION = """syntax = "proto3"; package grpc.reflection.v1;
message ServerReflectionRequest { string host = 1; oneof message_request { string list_services = 7; } }
message ServerReflectionResponse { oneof message_response { ListServiceResponse list_services_response = 6; } }
message ListServiceResponse { repeated ServiceResponse service = 1; }
message ServiceResponse { string name = 1; }
service ServerReflection { rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse); }
"""
SERVICES = {
    "replica": ("multaqa.node.v1.replica", "ReplicaService"),
    "outbox": ("multaqa.node.v1.outbox", "OutboxService"),
    "status": ("multaqa.node.v1.status", "StatusService"),
    "watch": ("multaqa.node.v1.watch", "WatchService"),
    "health": ("health", "Health"),
}


def main(address, certificate, key, ca, schema):
    modules = compile_schema(pathlib.Path(schema))
    read = lambda path: pathlib.Path(path).read_bytes()
    credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(certificate))
    with grpc.secure_channel(address, credentials) as channel:
        for line in sys.stdin:
            command = json.loads(line)
            try:
                answer = {"ok": call(channel, modules, command)}
            except grpc.RpcError as error:
                answer = {"error": told(error, modules("errors_pb2"))}
            print(json.dumps(answer), flush=True)


def call(channel, modules, command):
    metadata = [("accept-language", command["lang"])] if "lang" in command else []
    if command["service"] == "raw":
        method = channel.unary_unary(command["method"])
        return len(method(bytes.fromhex(command["hex"]) * command.get("times", 1), timeout=300, metadata=metadata))
    if command["service"] == "reflection":
        pb = modules("reflection_pb2")
        stub = modules("reflection_pb2_grpc").ServerReflectionStub(channel)
        request = pb.ServerReflectionRequest(list_services="*")
        answer = next(iter(stub.ServerReflectionInfo(iter([request]), timeout=300)))
        return sorted(service.name for service in answer.list_services_response.service)
    module, service = SERVICES[command["service"]]
    pb = modules(module + "_pb2")
    stub = getattr(modules(module + "_pb2_grpc"), service + "Stub")(channel)
    # Requests are named after their methods, but for the health service's.
    name = "HealthCheckRequest" if service == "Health" else command["method"] + "Request"
    request = json_format.ParseDict(command.get("request", {}), getattr(pb, name)())
    answer = getattr(stub, command["method"])(request, timeout=300, metadata=metadata)
    if "events" in command:
        # So many events about objects; the others are left out.
        events = (json_format.MessageToDict(event, preserving_proto_field_name=True) for event in answer)
        found = list(itertools.islice((event for event in events if "object" in event), command["events"]))
        answer.cancel()
        return found
    return json_format.MessageToDict(answer, preserving_proto_field_name=True)


def told(error, pb):
    answer = {"code": error.code().name, "message": error.details()}
    for name, value in error.trailing_metadata() or ():
        if name.startswith("multaqa-"):
            answer[name] = value
        if name == "grpc-status-details-bin":
            for detail in pb.Status.FromString(value).details:
                kind = detail.type_url.rsplit(".", 1)[-1]
                message = getattr(pb, kind)()
                assert detail.Unpack(message), kind
                answer[kind] = json_format.MessageToDict(message)
    return answer


def compile_schema(schema):
    out = pathlib.Path(tempfile.mkdtemp())
    for name, text in [("errors", ERRORS), ("health", HEALTH), ("reflection", REFLECTION)]:
        (out / f"{name}.proto").write_text(text)
    own = [str(path) for path in schema.rglob("*.proto")]
    others = [str(path) for path in out.glob("*.proto")]
    well_known = pathlib.Path(protoc.__file__).parent / "_proto"
    paths = [f"-I{schema}", f"-I{out}", f"-I{well_known}"]
    assert protoc.main(["protoc", *paths, f"--python_out={out}", f"--grpc_python_out={out}", *own, *others]) == 0
    sys.path.insert(0, str(out))
    return importlib.import_module


if __name__ == "__main__":
    main(*sys.argv[1:])
