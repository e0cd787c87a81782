//! Counts a listener's open connections, in total and by IP address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::gauge;

/// The open connections of one listener. Clones share one count.
#[derive(Debug, Clone)]
pub(super) struct Slots(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    listener: &'static str,
    total: usize,
    per_ip: usize,
    taken: Mutex<Taken>,
}

/// At most one entry for each open connection.
#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    ip: Option<IpAddr>,
}

impl Slots {
    pub(super) fn new(listener: &'static str, total: usize, per_ip: usize) -> Self {
        Self(Arc::new(Shared { listener, total, per_ip, taken: Mutex::default() }))
    }

    /// A slot, unless all of them or all of this address's are taken.
    pub(super) fn take(&self, ip: Option<IpAddr>) -> Option<Slot> {
        let mut taken = self.lock();
        let of_ip = ip.map_or(0, |ip| taken.by_ip.get(&ip).copied().unwrap_or(0));
        if taken.total >= self.0.total || of_ip >= self.0.per_ip {
            return None;
        }
        taken.total += 1;
        if let Some(ip) = ip {
            taken.by_ip.insert(ip, of_ip + 1);
        }
        drop(taken);
        self.open().increment(1);
        Some(Slot { slots: self.clone(), ip })
    }

    fn give_back(&self, ip: Option<IpAddr>) {
        let mut taken = self.lock();
        taken.total -= 1;
        if let Some(ip) = ip
            && let Some(of_ip) = taken.by_ip.get_mut(&ip)
        {
            *of_ip -= 1;
            if *of_ip == 0 {
                taken.by_ip.remove(&ip);
            }
        }
        drop(taken);
        self.open().decrement(1);
    }

    fn open(&self) -> metrics::Gauge {
        gauge!("multaqa_connections_open", "listener" => self.0.listener)
    }

    /// No holder of the lock can panic between its steps, so a poisoned count is still right.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.give_back(self.ip);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_total_and_by_address_and_forgets_addresses_that_left() {
        let slots = Slots::new("test", 3, 2);
        let (a, b) = (Some([127, 0, 0, 1].into()), Some([127, 0, 0, 2].into()));
        let first = slots.take(a).unwrap();
        let _second = slots.take(a).unwrap();
        assert!(slots.take(a).is_none(), "two from one address");
        let third = slots.take(b).unwrap();
        assert!(slots.take(None).is_none(), "three in total");
        drop(first);
        let _again = slots.take(a).unwrap();
        drop(third);
        assert_eq!(slots.lock().by_ip.len(), 1);
        assert_eq!(slots.lock().total, 2);
    }
}
