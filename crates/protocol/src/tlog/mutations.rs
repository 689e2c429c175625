//! Every way to change one byte of a file: flip, remove, insert. For tests only.

/// All mutants at every `step`-th position: two other values in place of the byte, the byte
/// removed, and two values inserted before it; at the end, one byte appended and nothing left.
pub(super) fn single_byte(bytes: &[u8], step: usize) -> impl Iterator<Item = Vec<u8>> {
    let at = |i: usize| {
        let byte = bytes[i];
        let flipped = [byte ^ 1, byte ^ 0x20].map(|with| splice(bytes, i, 1, &[with]));
        let removed = splice(bytes, i, 1, &[]);
        let inserted = [byte, b' '].map(|with| splice(bytes, i, 0, &[with]));
        flipped.into_iter().chain([removed]).chain(inserted)
    };
    let appended = [b'\n', 0].map(|with| splice(bytes, bytes.len(), 0, &[with]));
    let cut = bytes.split_last().map(|(_, kept)| kept.to_vec());
    (0..bytes.len()).step_by(step).flat_map(at).chain(appended).chain(cut)
}

fn splice(bytes: &[u8], at: usize, removed: usize, with: &[u8]) -> Vec<u8> {
    [&bytes[..at], with, &bytes[at + removed..]].concat()
}
