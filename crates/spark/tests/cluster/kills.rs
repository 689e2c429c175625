//! A worker that is killed in the middle of a question does not change its answer.

use std::thread;

use super::equal::{clustered, embedded};
use super::machines::{Machines, until};
use super::million::{Million, SECTIONS};
use tiers_spark::Counting;

#[test]
fn a_worker_that_is_killed_in_the_middle_does_not_change_the_answer() {
    let million = Million::new();
    let how = million.how();
    let (sales, leads) = (&million.sales[..], &million.leads[..]);
    let of = Counting { sales, leads, how: &how, layout: &million.layout, sections: &SECTIONS };
    let expected = embedded(&of, &mut Million::limit());
    let machines = Machines::start();
    let cluster = machines.cluster();
    let found = thread::scope(|scope| {
        let asked = scope.spawn(|| clustered(&cluster, &of, &mut Million::limit()));
        // What the first stage wrote lies with both workers when the next one reads it.
        until("a stage behind the first", || {
            machines.stages("complete") > 0 && machines.stages("active") > 0
        });
        assert!(!asked.is_finished(), "the question is under way");
        machines.kill_a_worker();
        assert!(!asked.is_finished(), "and still is when the worker is gone");
        asked.join().unwrap()
    });
    assert!(found.unwrap().0 == expected);
    assert!(machines.lost_executors() > 0, "the driver has seen that it is gone");
}
