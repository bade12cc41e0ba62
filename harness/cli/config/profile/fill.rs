//! `${VAR}` in a value: what the environment holds. `$${` is a plain `${`.

use std::fmt;

use crate::secret::Secret;

/// A value in which the variables were filled in. What is printed of it names them.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::cli) struct Filled {
    text: String,
    shown: String,
    /// The values of the variables.
    pub(in crate::cli) secrets: Vec<Secret>,
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.shown)
    }
}

impl From<&str> for Filled {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), shown: text.to_owned(), secrets: Vec::new() }
    }
}

impl Filled {
    /// Fills the variables in, of which those that are harmless are shown; the error says what is wrong and what to do.
    pub(super) fn new(
        written: &str,
        variable: &dyn Fn(&str) -> Option<String>,
        harmless: &[String],
    ) -> Result<Self, String> {
        let mut filled = Self::default();
        let mut rest = written;
        while let Some(at) = rest.find("${") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            if let Some(before) = before.strip_suffix('$') {
                filled.push(&format!("{before}${{"));
                rest = after;
                continue;
            }
            filled.push(before);
            let (name, after) =
                after.split_once('}').ok_or("`${` is never closed; write `${VAR}`, or `$${` for a plain one")?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return Err(format!("`${{{name}}}` names no variable; write `${{VAR}}`, or `$${{` for a plain one"));
            }
            let value = variable(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                format!("the variable `{name}` is not set or empty; export it, or write `$${{` for a plain `${{`")
            })?;
            rest = after;
            if harmless.iter().any(|other| other == name) {
                filled.push(&value);
                continue;
            }
            filled.text.push_str(&value);
            filled.shown.push('$');
            filled.shown.push_str(name);
            filled.secrets.push(Secret::new(name, value));
        }
        filled.push(rest);
        Ok(filled)
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.shown.push_str(text);
    }

    /// The value, to be used and not to be shown.
    pub(in crate::cli) fn expose(&self) -> &str {
        &self.text
    }

    /// The value with the variables' names in it.
    pub(in crate::cli) fn shown(&self) -> &str {
        &self.shown
    }

    /// The value as a secret: under the name of its variable where it is one, else under this.
    pub(in crate::cli) fn secret(&self, name: &str) -> Secret {
        match &self.secrets[..] {
            [secret] if secret.expose() == self.text => secret.clone(),
            _ => Secret::new(name, self.text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(written: &str) -> Result<Filled, String> {
        let values = [("A", "one"), ("LONG_NAME_2", "two ${A}"), ("EMPTY", ""), ("SHOWN", "three")];
        let variable =
            |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Filled::new(written, &variable, &["SHOWN".to_owned()])
    }

    #[track_caller]
    fn check(written: &str, exposed: &str, shown: &str) {
        let filled = filled(written).expect("it can be filled in");
        assert_eq!((filled.expose(), filled.shown()), (exposed, shown));
        assert_eq!(format!("{filled:?}"), format!("{shown:?}"));
    }

    #[test]
    fn variables_are_filled_in_and_never_shown() {
        check("", "", "");
        check("plain $A $ {A} }", "plain $A $ {A} }", "plain $A $ {A} }");
        check("${A}", "one", "$A");
        check("Bearer ${A}, ${LONG_NAME_2}!", "Bearer one, two ${A}!", "Bearer $A, $LONG_NAME_2!");
        check("${A}${A}", "oneone", "$A$A");
        check("${A} ${SHOWN}${A}", "one threeone", "$A three$A");
    }

    #[test]
    fn a_doubled_dollar_is_a_plain_one_before_a_brace() {
        check("$${A}", "${A}", "${A}");
        check("$$${A}", "$${A}", "$${A}");
        check("$$ $${ ${A}", "$$ ${ one", "$$ ${ $A");
    }

    #[track_caller]
    fn check_error(written: &str, words: &str) {
        assert_eq!(filled(written).expect_err("it cannot be filled in"), words);
    }

    #[test]
    fn what_cannot_be_filled_in_is_told() {
        let unset = |name: &str| {
            format!("the variable `{name}` is not set or empty; export it, or write `$${{` for a plain `${{`")
        };
        check_error("x ${B}", &unset("B"));
        check_error("${EMPTY}", &unset("EMPTY"));
        check_error("${A", "`${` is never closed; write `${VAR}`, or `$${` for a plain one");
        check_error("${}", "`${}` names no variable; write `${VAR}`, or `$${` for a plain one");
        check_error("${a b}", "`${a b}` names no variable; write `${VAR}`, or `$${` for a plain one");
    }

    #[test]
    fn a_secret_has_the_name_of_its_variable() {
        let name = |written| filled(written).expect("it can be filled in").secret("OTHER").name().to_owned();
        assert_eq!((name("${A}"), name("x${A}"), name("x")), ("A".to_owned(), "OTHER".to_owned(), "OTHER".to_owned()));
    }
}
