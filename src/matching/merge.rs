//! Several sorted segments of one kind as one sorted stream of groups of equal tokens.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
};

use tiers_contact::Kind;

use crate::{
    crypto::chain::VaultToken,
    vault::{Batch, Batches, Columns, SegmentRow, Segments, TokenRange, VaultError},
};

type Rows<'a> = Box<dyn Iterator<Item = Result<SegmentRow, VaultError>> + 'a>;

/// A row and the place of its deposit among those that are merged.
pub(super) struct Placed {
    pub deposit: usize,
    pub row: SegmentRow,
}

/// The rows of a segment, one by one; nothing more after an error.
fn rows_of(mut reader: impl Batches) -> impl Iterator<Item = Result<SegmentRow, VaultError>> {
    let (mut batch, mut place, mut ended) = (Batch::new(), 0, false);
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        if place == batch.len() {
            place = 0;
            match reader.next(&mut batch) {
                Ok(true) => {}
                Ok(false) => ended = true,
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
        }
        place += 1;
        batch.row(place - 1).map(Ok)
    })
}

/// The segments of one kind of several deposits, merged.
pub(super) struct Merged<'a> {
    sources: Vec<Rows<'a>>,
    /// The next row of each source that has one.
    heads: Vec<Option<SegmentRow>>,
    /// Which source comes next; the token is that of its head.
    order: BinaryHeap<Reverse<(VaultToken, usize)>>,
}

impl<'a> Merged<'a> {
    /// Opens the segment of `kind` of every deposit; of its rows only those that `keep` keeps are
    /// merged.
    pub fn open<S: Segments>(
        deposits: &'a [S],
        kind: Kind,
        keep: impl Fn(&SegmentRow) -> bool + Copy + 'a,
    ) -> Result<Self, VaultError> {
        let mut merged = Self { sources: Vec::new(), heads: Vec::new(), order: BinaryHeap::new() };
        for (place, deposit) in deposits.iter().enumerate() {
            let rows = rows_of(deposit.segment(kind, TokenRange::ALL, Columns::ALL)?);
            let mut rows: Rows<'a> =
                Box::new(rows.filter(move |row| row.as_ref().map_or(true, keep)));
            let head = rows.next().transpose()?;
            merged.order.extend(head.map(|row| Reverse((row.token, place))));
            merged.heads.push(head);
            merged.sources.push(rows);
        }
        Ok(merged)
    }

    /// Replaces `group` by all rows of the next token and says which token it is; `None` at the
    /// end.
    pub fn next_group(
        &mut self,
        group: &mut Vec<Placed>,
    ) -> Result<Option<VaultToken>, VaultError> {
        group.clear();
        let Some(Reverse((token, _))) = self.order.peek().copied() else { return Ok(None) };
        while let Some(mut next) = self.order.peek_mut() {
            let Reverse((next_token, deposit)) = *next;
            if next_token != token {
                break;
            }
            let head = self.sources[deposit].next().transpose()?;
            let row = std::mem::replace(&mut self.heads[deposit], head);
            group.extend(row.map(|row| Placed { deposit, row }));
            match head {
                Some(row) => *next = Reverse((row.token, deposit)),
                None => {
                    PeekMut::pop(next);
                }
            }
        }
        Ok(Some(token))
    }
}
