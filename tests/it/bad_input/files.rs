//! Bad files, refused on the party's own machine before anything could be sent.

use tiers_contact::{FileKind, read_and_normalise};

use crate::harness::deposits::options;
use crate::harness::people::sales_csv;
use crate::harness::world::{World, programme};

fn refused(csv: &[u8]) -> &'static str {
    let programme = programme("Fichiers", "at_once");
    let read = read_and_normalise("file.csv", csv, &options(&programme, FileKind::Sales));
    read.err().expect("the file is refused").code()
}

#[test]
fn a_bad_file_is_refused_with_its_own_code() {
    let good = String::from_utf8(sales_csv(&World::small_sales(0))).unwrap();
    let (heading, rows) = good.split_once('\n').unwrap();
    assert_eq!(refused(b""), "file.empty");
    assert_eq!(refused(b"\r\n \r\n"), "file.empty");
    assert_eq!(refused(format!("{heading}\n").as_bytes()), "file.no_rows");
    let rejects =
        format!("{heading}\n,,,,NC,,,2025-06-12,100.00\n,,,nc@nc,0000000000,,,2025-06-12,1\n");
    assert_eq!(refused(rejects.as_bytes()), "file.only_rejects");
    let many: Vec<String> = (0..200).map(|n| format!("column{n}")).collect();
    let wide = format!("{heading},{}\n{}\n", many.join(","), rows.lines().next().unwrap());
    assert_eq!(refused(wide.as_bytes()), "file.too_many_columns");
    assert_eq!(refused(b"<html><table><tr><td>email</td></tr></table></html>"), "file.markup");
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    let hashes = format!("email,sale_date,amount\n{md5},2025-06-12,1\n{md5},2025-06-13,1\n");
    assert_eq!(refused(hashes.as_bytes()), "file.hash_unknown");
}
