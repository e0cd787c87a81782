//! Lines to paste into a shell, which ask the node as a system: with the files that the command names, and nothing to be filled in.
//!
//! gRPC is asked without a schema at hand, by the port's reflection. Out of scope: printing them (`clients`).

use multaqa_proto::wire::node as wire;

/// Lines that work where the key lies in this file; none while the port is off, or where the system was revoked. A system that may
/// read lists records, any other asks for the status.
pub(super) fn commands(
    port: &wire::ClientPort,
    client: &wire::Client,
    certificate: &str,
    key: &str,
) -> Vec<(&'static str, String)> {
    let wire::ClientPort { endpoint, ca: _, ca_path } = port;
    if endpoint.is_empty() || client.revoked_ms.is_some() {
        return Vec::new();
    }
    let [certificate, key, ca] = [certificate, key, ca_path].map(quoted);
    let reads = client.scopes.iter().any(|scope| scope.starts_with("read:"));
    let (method, request, path) = if reads {
        ("multaqa.node.v1.ReplicaService/List", r#"'{"page_size": 3}'"#, "records?pageSize=3")
    } else {
        ("multaqa.node.v1.StatusService/GetStatus", "'{}'", "status")
    };
    let target = quoted(&format!("https://{endpoint}/v1/{path}"));
    vec![
        ("curl", format!("curl --cacert {ca} --cert {certificate} --key {key} {target}")),
        ("grpcurl", format!("grpcurl -cacert {ca} -cert {certificate} -key {key} -d {request} {endpoint} {method}")),
        (
            "buf",
            format!(
                "buf curl --protocol grpc --cacert {ca} --cert {certificate} --key {key} -d {request} \
                 https://{endpoint}/{method}"
            ),
        ),
    ]
}

/// A path as a shell takes it as one word.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_name_port_and_files_and_need_a_port() {
        let port = wire::ClientPort {
            endpoint: "node.example:7443".to_owned(),
            ca_path: "/srv/it's here/ca.pem".to_owned(),
            ..Default::default()
        };
        let client = |scope: &str| wire::Client { scopes: vec![scope.to_owned()], ..Default::default() };
        let lines = commands(&port, &client("read:service"), "budget.pem", "budget.key");
        let expected = r"grpcurl -cacert '/srv/it'\''s here/ca.pem' -cert budget.pem -key budget.key ";
        assert!(lines[1].1.starts_with(expected), "{}", lines[1].1);
        assert!(lines[2].1.ends_with("https://node.example:7443/multaqa.node.v1.ReplicaService/List"));
        let expected = "--cert budget.pem --key budget.key 'https://node.example:7443/v1/records?pageSize=3'";
        assert!(lines[0].1.starts_with("curl --cacert '/srv") && lines[0].1.ends_with(expected), "{}", lines[0].1);
        let lines = commands(&port, &client("publish:dataset"), "budget.pem", "budget.key");
        assert!(lines[0].1.ends_with("https://node.example:7443/v1/status'"), "{}", lines[0].1);
        assert!(lines[2].1.ends_with("-d '{}' https://node.example:7443/multaqa.node.v1.StatusService/GetStatus"));
        let revoked = wire::Client { revoked_ms: Some(1), ..client("read:*") };
        assert!(commands(&port, &revoked, "a", "b").is_empty());
        assert!(commands(&wire::ClientPort::default(), &client("read:*"), "a", "b").is_empty());
    }
}
