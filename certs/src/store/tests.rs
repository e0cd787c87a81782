//! Modes, replacing and damage, on a real disk.

use super::*;

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn secrets_are_their_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("a/b");
    create_dir(&inner).unwrap();
    assert_eq!(mode_of(&inner), 0o700);
    let path = inner.join("log.key");
    let key = SigningKey::from_bytes(&[7; 32]);
    create_ed25519(&path, &key).unwrap();
    assert_eq!(mode_of(&path), 0o600);
    assert_eq!(load_ed25519(&path).unwrap().as_bytes(), key.as_bytes());
    for bits in [0o640, 0o604, 0o660, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        assert_eq!(load_ed25519(&path).unwrap_err().code(), "STORE_KEY_EXPOSED", "{bits:o}");
    }
}

#[test]
fn replacing_leaves_no_other_file_and_heals_the_mode() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    save_ed25519(&path, &SigningKey::from_bytes(&[8; 32])).unwrap();
    assert_eq!(mode_of(&path), 0o600);
    assert_eq!(load_ed25519(&path).unwrap().as_bytes(), &[8; 32]);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn creating_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    create(&path, b"first", Mode::Secret).unwrap();
    assert_eq!(create(&path, b"second", Mode::Secret).unwrap_err().code(), "STORE_FILE_EXISTS");
    assert_eq!(read(&path, Mode::Secret).unwrap().as_slice(), b"first");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn damage_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    assert_eq!(load_ed25519(&path).unwrap_err().code(), "STORE_FILE_MISSING");
    create(&path, b"no key", Mode::Secret).unwrap();
    assert_eq!(load_ed25519(&path).unwrap_err().code(), "STORE_FILE_MALFORMED");
    replace(&path, &vec![b'x'; 70_000], Mode::Secret).unwrap();
    assert_eq!(load_ed25519(&path).unwrap_err().code(), "STORE_FILE_TOO_LARGE");
    assert_eq!(replace(&dir.path().join("none/key"), b"", Mode::Secret).unwrap_err().code(), "STORE_IO");
}

#[test]
fn keys_do_not_show_in_debug() {
    let key = ed25519_pkcs8(&SigningKey::from_bytes(&[0x41; 32]));
    assert_eq!(format!("{key:?}"), "PrivateKey(redacted)");
}
