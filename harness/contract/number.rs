//! Integers of the document, which may be written as `100`, `100.0` or `1e2`.

use serde_json::{Number, Value};

/// The integer that a number stands for; nothing where it has a fraction, or where its digits got lost on the way.
pub(crate) fn whole(value: &Value) -> Option<i128> {
    let Value::Number(number) = value else { return None };
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    integer.or_else(|| {
        let double = number.as_f64()?;
        // One double stands for many integers beyond 53 bits; which was meant is known only where this is the same.
        let whole = double.to_string().parse().ok()?;
        is_same(whole, double).then_some(whole)
    })
}

/// Whether a double is exactly this integer of 64 bits.
pub(super) fn is_same(whole: i128, double: f64) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "no double of 64 bits is too large for 128")]
    let back = double as i128;
    whole == back
}

/// The value, without a fraction where it is an integer of 64 bits that is written with one.
pub(crate) fn as_integer(value: &Value) -> Value {
    let integer = whole(value).and_then(Number::from_i128);
    integer.map_or_else(|| value.clone(), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_integer_may_be_written_with_a_fraction_or_an_exponent() {
        for (text, integer) in [
            ("100", Some(100)),
            ("100.0", Some(100)),
            ("1e2", Some(100)),
            ("-0.0", Some(0)),
            ("1e18", Some(1_000_000_000_000_000_000)),
            ("9223372036854775807", Some(i128::from(i64::MAX))),
            ("9223372036854775807.0", None),
            ("1e400", None),
            ("0.5", None),
            ("1e-1", None),
        ] {
            let value = serde_json::from_str(text).unwrap_or_default();
            assert_eq!(whole(&value), integer, "{text}");
        }
        assert_eq!(as_integer(&json!(2.0)), json!(2));
        for other in [json!(2.5), json!("2"), json!(null)] {
            assert_eq!(as_integer(&other), other);
        }
    }
}
