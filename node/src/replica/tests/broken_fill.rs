//! A fill broken at each of its points, in two ways: before a step it is lost, after it done but reported lost. What was lost
//! comes again, what was done once more, and in the end the replica holds it once.

use std::sync::Arc;

use multaqa_runtime::point::{Break, Point, break_here};

use super::late::late_member;
use crate::point;

/// What a replica holds that nothing broke.
async fn whole() -> Vec<(String, u64)> {
    let (log, mut late, indexes, _) = late_member().await;
    late.follow(&log).await;
    late.fill(&log.fill(&indexes), true).await;
    late.replica.counts().await.unwrap()
}

async fn broken(point: Point, how: Break, whole: &[(String, u64)]) {
    let case = format!("{} {how:?}", point.name());
    let (log, mut late, indexes, _) = late_member().await;
    late.follow(&log).await;
    let (late, fill) = (Arc::new(late), log.fill(&indexes));
    let broken = break_here(point, how, 1);
    let ended = {
        let (late, fill) = (Arc::clone(&late), fill.clone());
        tokio::spawn(async move { late.try_fill(&fill, true).await }).await
    };
    assert!(broken.happened(), "{case}: not reached");
    drop(broken);
    assert!(matches!((&ended, how), (Err(_), Break::Kill) | (Ok(Err(_)), Break::Fail)), "{case}");
    let mut late = Arc::into_inner(late).unwrap();
    assert_eq!(late.reopen().await, None, "{case}");
    assert_eq!(late.findings().await, [], "{case}");
    // Who was told that it is done asks no more; who was not is given the same again.
    if late.replica.fill_wanted().await.unwrap().is_some() {
        late.fill(&fill, true).await;
    }
    assert_eq!(late.replica.fill_wanted().await.unwrap(), None, "{case}");
    assert_eq!(late.replica.counts().await.unwrap(), whole, "{case}");
    late.fill(&fill, true).await;
    assert_eq!(late.replica.counts().await.unwrap(), whole, "{case}: it came twice");
    assert_eq!(late.findings().await, [], "{case}");
}

#[tokio::test]
async fn a_replica_broken_while_it_is_filled_holds_everything_once() {
    let whole = whole().await;
    for point in point::FILLING {
        for how in [Break::Kill, Break::Fail] {
            broken(*point, how, &whole).await;
        }
    }
}
