//! Deadlines, cuts and floods, on a paused clock.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::meter::PREFACE;
use super::*;

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut out = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
    out.extend_from_slice(payload);
    out
}

fn server(budget: FrameBudget) -> (Guarded<tokio::io::DuplexStream>, tokio::io::DuplexStream, CancellationToken) {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let cancel = CancellationToken::new();
    (Guarded::server(ours, cancel.clone(), Duration::from_secs(5), budget), theirs, cancel)
}

async fn drain(stream: &mut Guarded<tokio::io::DuplexStream>) -> io::Result<usize> {
    let mut total = 0;
    let mut buf = [0; 4096];
    loop {
        match stream.read(&mut buf).await? {
            0 => return Ok(total),
            n => total += n,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_loses_its_place_after_the_deadline() {
    let (mut stream, mut peer, _cancel) = server(FrameBudget::default());
    peer.write_all(&PREFACE[..23]).await.unwrap();
    let before = Instant::now();
    let error = drain(&mut stream).await.unwrap_err();
    assert_eq!(Cut::of(&error), Some(Cut::Preface));
    assert_eq!(before.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_with_the_preface() {
    let (mut stream, mut peer, _cancel) = server(FrameBudget::default());
    peer.write_all(PREFACE).await.unwrap();
    let waiting = tokio::spawn(async move { drain(&mut stream).await });
    tokio::time::advance(Duration::from_mins(1)).await;
    assert!(!waiting.is_finished());
    drop(peer);
    assert_eq!(waiting.await.unwrap().unwrap(), 24);
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_with_the_certificate_that_opened_it() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    let now = Arc::new(AtomicU64::new(1_000));
    let clock = Arc::clone(&now);
    let (stream, mut peer, _cancel) = server(FrameBudget::default());
    let mut stream = stream.until(1_010, Arc::new(move || clock.load(Ordering::SeqCst)));
    peer.write_all(PREFACE).await.unwrap();
    let waiting = tokio::spawn(async move { drain(&mut stream).await });
    // The clock was set back meanwhile: the certificate holds.
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(11)).await;
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    now.store(1_010, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished(), "its last second is not over");
    now.store(1_011, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(1)).await;
    let ended = timeout(Duration::from_mins(1), waiting).await.expect("it ends").unwrap();
    assert_eq!(Cut::of(&ended.unwrap_err()), Some(Cut::Expired));
}

#[tokio::test]
async fn other_protocols_are_cut_at_the_first_byte() {
    let (mut stream, mut peer, _cancel) = server(FrameBudget::default());
    peer.write_all(b"PRI * HTTP/1").await.unwrap();
    assert_eq!(Cut::of(&drain(&mut stream).await.unwrap_err()), Some(Cut::NotHttp2));
}

#[tokio::test]
async fn cancelling_ends_idle_reads_and_stuck_writes() {
    let (ours, _theirs) = tokio::io::duplex(16);
    let cancel = CancellationToken::new();
    let stream = Guarded::server(ours, cancel.clone(), Duration::from_secs(500), FrameBudget::default());
    let (mut read, mut write) = tokio::io::split(stream);
    let reading = tokio::spawn(async move { read.read_u8().await });
    let writing = tokio::spawn(async move { write.write_all(&[0; 4096]).await });
    // One turn of this single-threaded runtime: both halves wait.
    tokio::task::yield_now().await;
    cancel.cancel();
    let soon = Duration::from_secs(5);
    let (reading, writing) = (timeout(soon, reading).await, timeout(soon, writing).await);
    assert_eq!(Cut::of(&reading.unwrap().unwrap().unwrap_err()), Some(Cut::Cancelled));
    assert_eq!(Cut::of(&writing.unwrap().unwrap().unwrap_err()), Some(Cut::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn floods_are_cut_and_time_refills_the_bucket() {
    let budget = FrameBudget { per_second: 10, burst: 20 };
    let floods = [
        ("ping", frame(6, 0, &[0; 8])),
        ("settings", frame(4, 0, &[])),
        ("reset", frame(3, 0, &[0; 4])),
        ("priority", frame(2, 0, &[0; 5])),
        ("continuation", frame(9, 0, &[])),
        ("empty data", frame(0, 0, &[])),
        ("unknown", frame(77, 0, &[1])),
    ];
    for (name, one) in floods {
        let (mut stream, mut peer, _cancel) = server(budget);
        let waiting = tokio::spawn(async move { drain(&mut stream).await });
        peer.write_all(PREFACE).await.unwrap();
        peer.write_all(&one.repeat(20)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        peer.write_all(&one.repeat(10)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(!waiting.is_finished(), "{name} within the budget");
        peer.write_all(&one).await.unwrap();
        assert_eq!(Cut::of(&waiting.await.unwrap().unwrap_err()), Some(Cut::FrameBudget), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn ordinary_traffic_costs_nothing_however_it_is_cut() {
    let budget = FrameBudget { per_second: 1, burst: 1 };
    let traffic = [PREFACE.to_vec(), [frame(1, 4, &[0; 30]), frame(0, 0, &[6; 16_000])].concat().repeat(50)].concat();
    for piece in [1, 7, 4096] {
        let (mut stream, mut peer, _cancel) = server(budget);
        let traffic = traffic.clone();
        let sending = tokio::spawn(async move {
            for bytes in traffic.chunks(piece) {
                peer.write_all(bytes).await.unwrap();
            }
            traffic.len()
        });
        assert_eq!(drain(&mut stream).await.unwrap(), sending.await.unwrap());
    }
}

fn either() -> (Guarded<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let stream = Guarded::http1(ours, CancellationToken::new(), Duration::from_secs(5), FrameBudget::default());
    (stream, theirs)
}

#[tokio::test(start_paused = true)]
async fn a_peer_of_http_1_is_read_as_it_is_and_has_a_deadline_for_its_first_byte() {
    let (mut stream, mut peer) = either();
    peer.write_all(b"P").await.unwrap();
    peer.write_all(b"OST / HTTP/1.1\r\n\r\n").await.unwrap();
    let waiting = tokio::spawn(async move { drain(&mut stream).await });
    tokio::time::advance(Duration::from_mins(1)).await;
    assert!(!waiting.is_finished(), "what comes after is no matter of frames");
    drop(peer);
    assert_eq!(waiting.await.unwrap().unwrap(), 19);
    let (mut stream, _silent) = either();
    assert_eq!(Cut::of(&drain(&mut stream).await.unwrap_err()), Some(Cut::Preface));
}

#[tokio::test(start_paused = true)]
async fn frames_are_counted_whatever_was_agreed() {
    let (mut stream, mut peer) = either();
    peer.write_all(PREFACE).await.unwrap();
    let writing = tokio::spawn(async move {
        let ping = frame(6, 0, &[0; 8]);
        // The other end is gone once the budget is spent.
        while peer.write_all(&ping).await.is_ok() {}
    });
    assert_eq!(Cut::of(&drain(&mut stream).await.unwrap_err()), Some(Cut::FrameBudget));
    drop(stream);
    writing.await.unwrap();
}
