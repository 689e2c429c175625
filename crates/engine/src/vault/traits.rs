//! The coarse facts of a sale that travel with its amount: model and area, as places in public lists.
//!
//! They share one number with the amount, so that a reader of amounts pays nothing for them.
//! Specified in `docs/formats/segment-v1.md`, "Sales".

/// The greatest amount of one row: ten milliard euros, far above any clamp.
pub const MAX_AMOUNT_CENTS: u64 = (1 << AMOUNT_BITS) - 1;

const AMOUNT_BITS: u32 = 40;
const MODEL_SHIFT: u32 = 40;
const AREA_SHIFT: u32 = 48;

/// Model and area of a sale. It has no `Debug`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traits {
    /// One more than the place in the list; 0 for any other.
    model: u8,
    area: u8,
}

impl Traits {
    /// Neither is on the programme's lists, or it has none.
    pub const OTHER: Self = Self { model: 0, area: 0 };

    /// Places in the programme's models and in the policy's areas; `None` for any other. A place that no
    /// list has, 255, is any other, too.
    #[must_use]
    pub fn new(model: Option<u8>, area: Option<u8>) -> Self {
        let code = |place: Option<u8>| place.and_then(|place| place.checked_add(1)).unwrap_or(0);
        Self { model: code(model), area: code(area) }
    }

    /// Place in the programme's models; `None` for any other.
    #[must_use]
    pub const fn model(self) -> Option<u8> {
        self.model.checked_sub(1)
    }

    /// Place in the policy's areas; `None` for any other.
    #[must_use]
    pub const fn area(self) -> Option<u8> {
        self.area.checked_sub(1)
    }

    /// One number with an amount; `None` for more than [`MAX_AMOUNT_CENTS`].
    #[must_use]
    pub fn pack(self, amount_cents: u64) -> Option<u64> {
        let traits = u64::from(self.model) << MODEL_SHIFT | u64::from(self.area) << AREA_SHIFT;
        (amount_cents <= MAX_AMOUNT_CENTS).then_some(amount_cents | traits)
    }

    /// Amount in cents and traits of a number that was packed.
    #[must_use]
    #[inline]
    pub const fn unpack(number: u64) -> (u64, Self) {
        let [_, _, _, _, _, model, area, _] = number.to_le_bytes();
        (number & MAX_AMOUNT_CENTS, Self { model, area })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            amount in 0..=MAX_AMOUNT_CENTS,
            model in prop::option::of(0..255_u8),
            area in prop::option::of(0..255_u8),
        ) {
            let traits = Traits::new(model, area);
            let packed = traits.pack(amount).expect("small enough");
            prop_assert!(Traits::unpack(packed) == (amount, traits));
            prop_assert!((traits.model(), traits.area()) == (model, area));
            // A signed number of the file.
            prop_assert!(i64::try_from(packed).is_ok());
        }
    }

    #[test]
    fn an_amount_that_would_touch_the_traits_is_refused() {
        assert_eq!(Traits::OTHER.pack(MAX_AMOUNT_CENTS), Some(MAX_AMOUNT_CENTS));
        assert_eq!(Traits::OTHER.pack(MAX_AMOUNT_CENTS + 1), None);
        assert!(Traits::new(Some(255), None) == Traits::OTHER);
    }
}
