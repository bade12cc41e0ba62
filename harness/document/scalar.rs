//! What YAML's text without quotes stands for: text, null, true, false, or a number of JSON.

use serde_json::{Number, Value};

/// What text without quotes stands for in YAML's core schema; an error where that is a number that JSON does not have.
pub(super) fn plain(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(true.into()),
        "false" | "False" | "FALSE" => return Ok(false.into()),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Err(format!("`{text}` is no JSON number"));
    }
    let numeric = |text: &str| {
        text.contains(|character: char| character.is_ascii_digit())
            && text.chars().all(|character| matches!(character, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'))
    };
    // A number with zeros before it is as likely to be a code, which they are part of.
    let zeros =
        unsigned.len() > 1 && unsigned.starts_with('0') && unsigned[1..].starts_with(|c: char| c.is_ascii_digit());
    let based = [("0x", 16), ("0o", 8)].into_iter().find_map(|(prefix, radix)| {
        u64::from_str_radix(text.strip_prefix(prefix)?, radix).ok().filter(|_| !text.contains('+'))
    });
    if let Some(number) = based {
        return Ok(number.into());
    }
    if zeros || !numeric(text) {
        return Ok(text.into());
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(number.into());
    }
    if let Ok(number) = text.parse::<u64>() {
        return Ok(number.into());
    }
    match text.parse::<f64>() {
        Ok(number) => Number::from_f64(number).map(Value::Number).ok_or_else(|| format!("`{text}` is too large")),
        Err(_) => Ok(text.into()),
    }
}

/// What text stands for that has this tag of the core schema; an error where it cannot be that.
pub(super) fn tagged(text: &str, tag: &str) -> Result<Value, String> {
    let value = if tag == "str" { text.into() } else { plain(text)? };
    let fits = match tag {
        "int" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        "bool" => value.is_boolean(),
        "null" => value.is_null(),
        _ => true,
    };
    if fits { Ok(value) } else { Err(format!("`{text}` is no {tag}")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plain_text_is_what_the_core_schema_says() {
        for (text, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("True", json!(true)),
            ("yes", json!("yes")),
            ("7", json!(7)),
            ("+7", json!(7)),
            ("+-7", json!("+-7")),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0x+1", json!("0x+1")),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("007", json!("007")),
            ("-01.5", json!("-01.5")),
            ("0.5", json!(0.5)),
            ("2022-08-02", json!("2022-08-02")),
            ("3.1.0", json!("3.1.0")),
            ("1_000", json!("1_000")),
            ("e3", json!("e3")),
            ("-", json!("-")),
            ("inf", json!("inf")),
            ("NaN", json!("NaN")),
        ] {
            assert_eq!(plain(text), Ok(value), "{text:?}");
        }
        for text in [".inf", "-.Inf", ".NaN", "1e400"] {
            assert!(plain(text).is_err(), "{text}");
        }
    }
}
