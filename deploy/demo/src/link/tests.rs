//! A line that passes, breaks, stalls and dies on one side.

use std::time::Duration;

use super::*;
use crate::wait::{Seen, wait_for};

/// A target that sends back what it gets.
fn echo() -> Target {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let target = Target::default();
    target.set(listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || std::io::copy(&mut stream.try_clone().unwrap(), &mut stream));
        }
    });
    target
}

fn dial(link: &Link) -> TcpStream {
    let stream = TcpStream::connect(link.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

fn says(stream: &mut TcpStream, text: &[u8]) {
    stream.write_all(text).unwrap();
    let mut back = vec![0; text.len()];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(back, text);
}

fn ends(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_))
}

#[test]
fn a_cut_closes_everything_and_a_restored_link_passes_again() {
    let link = Link::open(echo()).unwrap();
    let mut before = dial(&link);
    says(&mut before, b"before");
    link.cut();
    assert!(ends(&mut before));
    assert!(ends(&mut dial(&link)));
    link.restore();
    says(&mut dial(&link), b"after");
}

#[test]
fn a_cut_in_the_middle_passes_exactly_so_many_bytes() {
    let link = Link::open(echo()).unwrap();
    let mut stream = dial(&link);
    link.cut_after(Direction::ToHub, 3);
    stream.write_all(b"abcdef").unwrap();
    let mut back = Vec::new();
    // The end may come as a reset.
    let _end = stream.read_to_end(&mut back);
    assert!(b"abc".starts_with(&back), "{back:?}");
    assert_eq!(link.mode(), Mode::Cut);
}

#[test]
fn a_stalled_link_keeps_the_bytes_for_later() {
    let link = Link::open(echo()).unwrap();
    let mut stream = dial(&link);
    says(&mut stream, b"x");
    link.stall();
    stream.write_all(b"held").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(stream.read(&mut [0; 1]).is_err());
    link.restore();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut back = [0; 4];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"held");
}

#[test]
fn a_half_open_link_takes_bytes_and_says_nothing() {
    let link = Link::open(echo()).unwrap();
    let mut stream = dial(&link);
    says(&mut stream, b"x");
    link.half_open();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    for _ in 0..10 {
        stream.write_all(b"lost").unwrap();
    }
    let error = stream.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    link.restore();
    assert!(ends(&mut stream));
    let gone = || Ok(if link.connections() == 0 { Seen::Yes(()) } else { Seen::NotYet(String::new()) });
    wait_for("no connection", Duration::from_secs(5), gone).unwrap();
}
