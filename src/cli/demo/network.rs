//! The invented network of the demonstration: the files that a brand and 14 dealers export, and the
//! companies that hold them. Nobody in it exists.

/// A dealer and the file that its software writes.
pub struct Dealer {
    /// Directory of its home, and of its deposit.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Name of its file.
    pub file: &'static str,
    /// The file.
    pub bytes: &'static [u8],
    /// Sales a year as it declares them.
    pub declared_size: u32,
}

/// The number from which the brand's SIREN is made, and that of the first dealer; the others follow.
pub const BRAND_NUMBER: u32 = 10;
/// See [`BRAND_NUMBER`].
pub const DEALER_NUMBER: u32 = 11;
/// The brand's name.
pub const BRAND: &str = "Automobiles Aubrac";
/// Its leads.
pub const LEADS: &[u8] = include_bytes!("../../../samples/network/brand_leads.csv");
/// Its campaigns and what they cost.
pub const CAMPAIGNS: &[u8] = include_bytes!("../../../samples/network/campaigns.csv");

macro_rules! dealers {
    ($($id:literal, $file:literal, $name:literal, $size:literal;)*) => {
        /// The dealers.
        pub const DEALERS: &[Dealer] = &[$(Dealer {
            id: $id,
            name: $name,
            file: $file,
            bytes: include_bytes!(concat!("../../../samples/network/", $file)),
            declared_size: $size,
        },)*];
    };
}

dealers! {
    "dealer_01", "dealer_01.csv", "Garage des Tilleuls", 400;
    "dealer_02", "dealer_02.xlsx", "Automobiles du Val", 350;
    "dealer_03", "dealer_03.csv", "Garage Carnot", 250;
    "dealer_04", "dealer_04.txt", "Atlantique Motors", 250;
    "dealer_05", "dealer_05.txt", "Garage de la Gare", 200;
    "dealer_06", "dealer_06.xls", "Relais Automobile", 200;
    "dealer_07", "dealer_07.xlsx", "Sud Autos", 200;
    "dealer_08", "dealer_08.csv", "Garage Bellevue", 150;
    "dealer_09", "dealer_09.ods", "Espace Auto Lumière", 150;
    "dealer_10", "dealer_10.csv", "Garage du Pont Neuf", 150;
    "dealer_11", "dealer_11.csv", "Automobiles Vauban", 60;
    "dealer_12", "dealer_12.xlsx", "Garage des Remparts", 60;
    "dealer_13", "dealer_13.csv", "Auto Plaisance", 25;
    "dealer_14", "dealer_14.csv", "Garage de l'Étang", 10;
}

/// A SIREN with a right check digit (Luhn) and so low a number that no company bears it.
pub fn siren(number: u32) -> String {
    let body = format!("{number:08}");
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            // The check digit comes after these, so every second digit from the last is doubled.
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_sirens_have_right_check_digits() {
        // 732 829 320 is the example of the French administration.
        assert_eq!(siren(73_282_932), "732829320");
        let sum: u32 = siren(21)
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, byte)| {
                let digit = u32::from(byte - b'0') << (place % 2);
                digit / 10 + digit % 10
            })
            .sum();
        assert_eq!(sum % 10, 0);
    }

    #[test]
    fn every_dealer_has_a_home_and_a_file_of_its_own() {
        let mut ids: Vec<_> = DEALERS.iter().map(|dealer| (dealer.id, dealer.file)).collect();
        ids.dedup();
        assert_eq!(ids.len(), 14);
        assert!(DEALERS.iter().all(|dealer| !dealer.bytes.is_empty()));
    }
}
