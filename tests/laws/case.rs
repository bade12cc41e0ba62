//! Arbitrary choices: the case that they give breaks exactly the rules that it names, each time the same, and fewer choices
//! give a simpler case.

use std::collections::BTreeSet;

use fencepost::Contract;
use fencepost::generate::{Case, Choices, Generator};
use fencepost::json::Json;
use fencepost::rule::Keyword;
use fencepost::validate::Judge;

/// The most choices that it may take to say which rule is broken, and how.
const CHOICES_OF_A_RULE: usize = 4;

/// What the law needs, made once.
pub(crate) struct Bench {
    generator: Generator,
    judge: Judge,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let generator = Generator::new(&Contract::shipped());
        Self { judge: Judge::new(generator.operation()), generator }
    }

    /// The case, which breaks what it names.
    fn case(&self, choices: &[u16]) -> Case {
        let case = self.generator.drawn(&mut Choices::new(choices));
        let text = case.body.render();
        let body = serde_json::from_str(&text).expect("a case is JSON");
        let rules = self.generator.rules();
        let named: BTreeSet<(&str, Keyword)> =
            case.broken.iter().map(|rule| (rules[*rule].place.as_str(), rules[*rule].keyword)).collect();
        let violations = self.judge.violations(&body);
        let broken: BTreeSet<(&str, Keyword)> = violations
            .iter()
            .map(|violation| (violation.place.as_str(), violation.broken.rule().expect("every error is of a rule")))
            .collect();
        assert_eq!(broken, named, "{text}");
        assert_eq!(broken.len(), case.broken.len(), "a rule is named twice: {text}");
        case
    }
}

/// Holds the law for one sequence of choices.
pub(crate) fn hold(bench: &Bench, choices: &[u16]) {
    let case = bench.case(choices);
    let again = bench.generator.drawn(&mut Choices::new(choices));
    assert_eq!(again, case, "the same choices gave something else");
    let count = usize::from(choices.first().copied().unwrap_or(0)) % 4;
    assert_eq!(case.broken.len(), count, "{} rules were to be broken: {}", count, case.body.render());

    // The choices of what is broken come first; all that follows is the body's.
    let most = choices.len().min(1 + CHOICES_OF_A_RULE * count);
    let heads = (0..=most).map(|length| &choices[..length]);
    let same = |head: &&[u16]| bench.generator.drawn(&mut Choices::new(head)).broken == case.broken;
    let head = heads.into_iter().find(same).expect("what is broken depends on the first choices alone");
    let simplest = bench.case(head);
    let (least, most) = (values(&simplest.body), values(&case.body));
    assert!(least <= most, "fewer choices gave more: {}", simplest.body.render());
}

/// How many values there are in a value.
fn values(json: &Json) -> usize {
    1 + match json {
        Json::Array(elements) => elements.iter().map(values).sum(),
        Json::Object(members) => members.iter().map(|(_, value)| values(value)).sum(),
        _ => 0,
    }
}
