//! Backups are made beside running processes, are checked without them, hold no key, and are never put over a database.

use std::fs;

use multaqa_tests::files;
use multaqa_tests::record::Record;

use crate::world;

#[test]
fn a_backup_of_a_running_hub_or_node_is_sound_and_holds_no_key() {
    let mut world = world(&["JO", "EG"]);
    world.publish("JO", &[Record::organisation("JO", "first", "first")]);
    world.settle();
    let (home, hub) = (world.scratch().to_owned(), world.hub().dir());
    let out = home.join("hub-backup");
    let [dir, path] = [&hub, &out].map(|path| path.to_string_lossy().into_owned());
    let made = world.hub().cli(["backup", "create", "--dir", &dir, "--out", &path, "--json"]).unwrap().ok().unwrap();
    assert!(made.stdout.contains("\"checkpoint\""), "{}", made.stdout);
    world.hub().cli(["backup", "verify", &path]).unwrap().ok().unwrap();
    refused(&world.hub().cli(["backup", "create", "--dir", &dir, "--out", &path]).unwrap(), "BACKUP_EXISTS");
    refused(&world.hub().cli(["backup", "restore", &path, "--dir", &dir]).unwrap(), "HUB_ALREADY_RUNNING");
    world.hub_mut().stop().unwrap();
    refused(&world.hub().cli(["backup", "restore", &path, "--dir", &dir]).unwrap(), "RESTORE_TARGET_USED");
    refused(&world.hub().cli(["backup", "verify", &dir]).unwrap(), "BACKUP_MISSING");
    world.hub_mut().start().unwrap();

    let out = home.join("node-backup");
    let path_of_node = out.to_string_lossy().into_owned();
    world.node("JO").cli(&["backup", "create", "--out", &path_of_node]).unwrap().ok().unwrap();
    world.node("JO").cli(&["backup", "verify", &path_of_node]).unwrap().ok().unwrap();
    refused(&world.node("JO").cli(&["backup", "restore", &path_of_node]).unwrap(), "RESTORE_TARGET_USED");
    refused(&world.node("JO").cli(&["backup", "verify", &path]).unwrap(), "BACKUP_OF_OTHER");
    // No private key is in either, in whatever form it lies on the disk.
    let node = world.node("JO").dir().to_owned();
    let keys =
        ["keys/record.pem", "keys/witness.pem", "keys/session.pem", "identity/node.pem"].map(|key| node.join(key));
    for key in keys.into_iter().chain([hub.join("log.key"), hub.join("identity/hub.pem")]) {
        let text = fs::read_to_string(&key).unwrap();
        let line = text.lines().nth(1).unwrap();
        assert_eq!(files::holding(&home, line), Vec::<std::path::PathBuf>::new(), "{}", key.display());
    }
    // A changed byte is found.
    let file = home.join("hub-backup/hub.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    refused(&world.hub().cli(["backup", "verify", &path]).unwrap(), "BACKUP_FILE_CHANGED");
    fs::write(home.join("hub-backup/manifest.json"), "{").unwrap();
    refused(&world.hub().cli(["backup", "verify", &path]).unwrap(), "BACKUP_MANIFEST_BAD");
    world.settle();
}

fn refused(output: &multaqa_demo::process::Output, code: &str) {
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains(code), "{code}: {}", output.stderr);
}
