//! Numbers as documents write them, exactly: 0.1 is a tenth here, and 4.02 a multiple of 0.01.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value;

/// More digits behind the point make a number that no document means.
const MOST_DIGITS: u32 = 18;

/// A whole number of the smallest parts: `units` of them, `scale` digits behind the point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    pub(super) const ONE: Self = Self { units: 1, scale: 0 };

    pub(super) fn whole(units: i128) -> Self {
        Self { units, scale: 0 }
    }

    /// One in the last place of the number.
    pub(super) fn last_place(self) -> Self {
        Self { units: 1, scale: self.scale }
    }

    /// The number that is written like this; nothing where it has too many digits.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let Value::Number(number) = value else { return None };
        let text = number.to_string();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let units: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()? - exponent;
        match u32::try_from(scale) {
            Ok(scale) => (scale <= MOST_DIGITS).then_some(Self { units, scale }),
            Err(_) => Some(Self { units: units.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?, scale: 0 }),
        }
    }

    /// As a JSON number; nothing where a reader of doubles would read another.
    pub(super) fn value(self) -> Option<Value> {
        let value: Value = serde_json::from_str(&self.to_string()).ok()?;
        let back = Self::of(&value)?;
        (back.compare(self)? == Ordering::Equal).then_some(value)
    }

    fn scaled(self, scale: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    fn both(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Some((self.scaled(scale)?, other.scaled(scale)?, scale))
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        let (one, another, _) = self.both(other)?;
        Some(one.cmp(&another))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let (one, another, scale) = self.both(other)?;
        Some(Self { units: one.checked_add(another)?, scale })
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { units: -other.units, ..other })
    }

    pub(super) fn times(self, count: i128) -> Option<Self> {
        Some(Self { units: self.units.checked_mul(count)?, ..self })
    }

    /// A tenth of it.
    pub(super) fn tenth(self) -> Self {
        Self { scale: self.scale + 1, ..self }
    }

    /// The greatest multiple of a step that is not above it.
    pub(super) fn floor_to(self, step: Self) -> Option<Self> {
        let (one, step, scale) = self.both(step)?;
        Some(Self { units: one.checked_div_euclid(step)?.checked_mul(step)?, scale })
    }

    /// The least multiple of a step that is not below it.
    pub(super) fn ceil_to(self, step: Self) -> Option<Self> {
        let floor = self.floor_to(step)?;
        if floor.compare(self)? == Ordering::Equal { Some(floor) } else { floor.plus(step) }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.units.unsigned_abs().to_string();
        let scale = usize::try_from(self.scale).unwrap_or_default();
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(text: &str) -> Option<Decimal> {
        Decimal::of(&serde_json::from_str(text).ok()?)
    }

    #[test]
    fn a_number_is_read_and_written_as_it_stands() {
        for (text, written) in [
            ("0.1", "0.1"),
            ("-0.05", "-0.05"),
            ("4.02", "4.02"),
            ("100", "100"),
            ("100.50", "100.5"),
            ("1e3", "1000"),
            ("1e-7", "0.0000001"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(of(text).map(|number| number.to_string()).as_deref(), Some(written), "{text}");
        }
        assert!(of("1e-30").is_none() && of("1e300").is_none() && Decimal::of(&json!("7")).is_none());
    }

    #[test]
    fn multiples_of_a_step_are_exact() {
        let step = of("0.01").and_then(|step| of("4.02")?.floor_to(step));
        assert_eq!(step.map(|number| number.to_string()).as_deref(), Some("4.02"));
        let below = of("-0.25").zip(of("0.1")).and_then(|(number, step)| number.floor_to(step));
        assert_eq!(below.map(|number| number.to_string()).as_deref(), Some("-0.3"));
        let above = of("-0.25").zip(of("0.1")).and_then(|(number, step)| number.ceil_to(step));
        assert_eq!(above.map(|number| number.to_string()).as_deref(), Some("-0.2"));
    }
}
