//! Faults of what stands around a body: the parameters, the media type, the method, and how a body's text is read.

use serde_json::Value;

use super::List;
use crate::compose::Composer;
use crate::contract::ParameterIn;
use crate::exchange::is_idempotent;
use crate::json::Json;
use crate::probe::{Form, Voucher, malformed_but_legal};
use crate::rule::{CONTENT_TYPE, Keyword, Part, RESPONSE_SUCCESS, Rule, Side, Site, Step};
use crate::stub::fault::{Effect, Fumble, WireFault};
use crate::stub::parse::{self, LenientParse};
use crate::validate::Judge;

impl List<'_> {
    pub(super) fn parameter_rule(&mut self, rule: &Rule) {
        let found = self.operation.parameters.iter().find(|parameter| parameter.site == rule.place);
        let Some(parameter) = found else { return };
        let (least, upward) =
            (usize::from(parameter.location == ParameterIn::Path), rule.keyword == Keyword::MaxLength);
        let bound = match rule.keyword {
            Keyword::MinLength => parameter.min.unwrap_or_default().max(least),
            Keyword::MaxLength => parameter.max.unwrap_or_default(),
            Keyword::Required => {
                self.add(&rule.place, rule.keyword, Side::Outside, "off", Effect::Bound(None));
                self.add(&rule.place, rule.keyword, Side::Outside, "crash", Effect::Fumble(Fumble::Crash));
                return;
            }
            _ => return,
        };
        let (place, keyword) = (rule.place.clone(), rule.keyword);
        // Where one length is legal, nothing would be accepted any more: that is no fault of one bound.
        if parameter.lengths().len() > 1 {
            let tighter = if upward { bound - 1 } else { bound + 1 };
            self.add(&place, keyword, Side::Inside, "too-strict", Effect::Bound(Some(tighter)));
        }
        if rule.outside {
            self.add(&place, keyword, Side::Outside, "off", Effect::Bound(None));
            if upward {
                self.add(&place, keyword, Side::Outside, "off-by-one", Effect::Bound(Some(bound + 1)));
            }
            self.add(&place, keyword, Side::Outside, "crash", Effect::Fumble(Fumble::Crash));
        }
    }

    pub(super) fn wire(&mut self) {
        use Side::{Inside, Outside};
        let is_idempotent = is_idempotent(&self.operation.method);
        let operation = self.operation;
        let site = |part| operation.site(part);
        let body = &site(Part::Body);
        // What a body of this contract can be written as.
        let composer = Composer::new(operation);
        // Whether what a lenience makes of it is legal: otherwise the body is refused all the same.
        let judge = Judge::new(operation);
        let is_legal = |body: &Json| serde_json::from_str(&body.render()).is_ok_and(|body: Value| judge.accepts(&body));
        let voucher = Voucher { is_free: &|_| true, is_legal: &is_legal };
        let written = |form: Form| malformed_but_legal(&composer, form, "sample", &voucher);
        let writes = |form: Form| written(form).is_some();
        let takes = |form: Form, reading: LenientParse| {
            let read = written(form).map(|bytes| parse::body(&bytes, Some(reading)));
            matches!(read, Some(Ok(Some(value))) if judge.accepts(&value))
        };
        let mut add = |place: &Site, side, mode: &str, wire: WireFault| {
            self.add(place, wire.keyword(), side, mode, Effect::Wire(wire));
        };
        add(body, Outside, "off", WireFault::NoBody);
        for (mode, reading, shown) in [
            ("off", LenientParse::Anything, true),
            ("takes-trailing-text", LenientParse::FirstValue, true),
            ("takes-truncated", LenientParse::Unfinished, true),
            ("takes-comments", LenientParse::Comments, true),
            (
                "takes-trailing-commas",
                LenientParse::TrailingCommas,
                takes(Form::TrailingComma, LenientParse::TrailingCommas),
            ),
            ("takes-single-quotes", LenientParse::SingleQuotes, takes(Form::SingleQuotes, LenientParse::SingleQuotes)),
            ("takes-nan", LenientParse::NotNumbers, takes(Form::NotANumber, LenientParse::NotNumbers)),
            ("takes-any-bytes", LenientParse::AnyBytes, writes(Form::NotUtf8)),
            ("takes-any-json", LenientParse::NoObject, true),
        ] {
            if shown {
                add(body, Outside, mode, WireFault::Reads(reading));
            }
        }
        add(body, Outside, "crash", WireFault::MalformedCrash);
        if writes(Form::DuplicateKey) {
            add(body, Outside, "crash", WireFault::DuplicateCrash);
        }
        add(body, Inside, "crash", WireFault::NestingCrash);
        add(body, Inside, "crash", WireFault::SizeCrash);
        add(body, Outside, "crash-on-digits", WireFault::DigitsCrash);
        if is_idempotent {
            add(body, Inside, "off", WireFault::MindsRepetition);
        }
        if self.operation.body.example.is_some() {
            self.add(body, Keyword::Example, Inside, "too-strict", Effect::Wire(WireFault::RefusesExample));
        }
        let mut add = |place: &Site, side, mode: &str, wire: WireFault| {
            self.add(place, wire.keyword(), side, mode, Effect::Wire(wire));
        };
        let content_type = &Site::new(operation.name(), Part::Header, [Step::member(CONTENT_TYPE)]);
        add(content_type, Outside, "off", WireFault::AnyMediaType);
        add(content_type, Outside, "takes-none", WireFault::NoMediaType);
        add(content_type, Inside, "too-strict-case", WireFault::MediaTypeCase);
        add(content_type, Inside, "too-strict-bare", WireFault::MediaTypeBare);
        add(&site(Part::Request), Outside, "crash", WireFault::MethodCrash);
        add(&site(Part::Query), Inside, "crash", WireFault::QueryCrash);
        if is_idempotent {
            // Of what may not be asked again nobody can tell that its answer changes.
            add(&site(RESPONSE_SUCCESS), Inside, "off", WireFault::Flaky);
        }
    }
}
