//! A line that passes, breaks, stalls and dies on one side.

use std::time::Duration;

use super::*;
use crate::wait::{DEADLINE, Seen, wait_for};

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
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
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
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
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
    wait_for("no connection", DEADLINE, gone).unwrap();
}

#[test]
fn a_slow_link_takes_its_time_both_ways_and_a_cut_does_not_wait_for_it() {
    let link = Link::open(echo()).unwrap();
    let mut stream = dial(&link);
    says(&mut stream, b"x");
    let pace = Pace { bytes_per_second: Some(100_000), latency: Duration::from_millis(20) };
    link.slow(pace);
    let began = tokio::time::Instant::now();
    // Each way a fifth of a second, in four chunks of a latency each.
    says(&mut stream, &vec![7; 20_000]);
    assert!(began.elapsed() >= Duration::from_millis(2 * 20 + 200), "{:?}", began.elapsed());
    link.slow(Pace { bytes_per_second: Some(1), latency: Duration::ZERO });
    stream.write_all(b"never").unwrap();
    link.cut();
    assert!(ends(&mut stream));
}

#[test]
fn stalled_connections_stay_so_while_a_new_one_passes() {
    let link = Link::open(echo()).unwrap();
    let mut old = dial(&link);
    says(&mut old, b"x");
    link.stall_connections();
    old.write_all(b"held").unwrap();
    old.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    says(&mut dial(&link), b"new");
    assert!(old.read(&mut [0; 1]).is_err());
}

#[test]
fn a_barred_link_keeps_what_is_open_and_takes_nothing_new() {
    let link = Link::open(echo()).unwrap();
    let mut old = dial(&link);
    says(&mut old, b"x");
    link.bar();
    assert!(ends(&mut dial(&link)));
    says(&mut old, b"still there");
    link.unbar();
    says(&mut dial(&link), b"new");
}

#[test]
fn a_link_stalls_before_what_is_too_much_and_passes_it_later() {
    let link = Link::open(echo()).unwrap();
    let mut old = dial(&link);
    link.stall_after(Direction::ToHub, 4);
    says(&mut old, b"four");
    old.write_all(b"more").unwrap();
    let stalled = || Ok(if link.has_stalled() { Seen::Yes(()) } else { Seen::NotYet(String::new()) });
    wait_for("stalled", DEADLINE, stalled).unwrap();
    says(&mut dial(&link), b"a new one passes");
    old.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(old.read(&mut [0; 1]).is_err());
    link.restore();
    old.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut back = [0; 4];
    old.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"more");
}

#[test]
fn a_link_leads_nowhere_while_its_target_is_closed() {
    let target = echo();
    let link = Link::open(target.clone()).unwrap();
    target.close();
    assert!(ends(&mut dial(&link)) && target.get().is_some());
    target.set(target.get().unwrap());
    says(&mut dial(&link), b"again");
}

#[test]
fn half_open_connections_stay_so_while_a_new_one_passes() {
    let link = Link::open(echo()).unwrap();
    let mut old = dial(&link);
    says(&mut old, b"x");
    link.half_open_connections();
    old.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    says(&mut dial(&link), b"new");
    old.write_all(b"lost").unwrap();
    let error = old.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn bytes_are_spoiled_once() {
    let link = Link::open(echo()).unwrap();
    let mut stream = dial(&link);
    for (flaw, passed) in [(Flaw::Repeated, &b"two.two."[..]), (Flaw::Lost, b"")] {
        link.spoil_after(Direction::ToHub, 4, flaw);
        says(&mut stream, b"one.");
        assert!(link.is_flawed());
        stream.write_all(b"two.").unwrap();
        let mut back = vec![0; passed.len()];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(back, passed);
        let spoiled = || Ok(if link.is_flawed() { Seen::NotYet(String::new()) } else { Seen::Yes(()) });
        wait_for("spoiled", DEADLINE, spoiled).unwrap();
        says(&mut stream, b"three");
    }
}
