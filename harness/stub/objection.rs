//! What stands against a request: the contract, as the faults of the stub have it.

use serde_json::Value;

use super::fault::{Effect, Fault, Fumble, Leniency, WireFault};
use super::{FLAKINESS, Stub, parse, values};
use crate::carrier::{self, Sent};
use crate::contract::{Coding, Parameter};
use crate::exchange::Request;
use crate::keyword::{NodeJudge, names_of};
use crate::rule::{CONTENT_TYPE, Keyword, Part, Site, Step};
use crate::text::media_type::fits;
use crate::text::pointer::unescaped;
use crate::validate::{Broken, Violation};

/// What stands against a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Objection {
    pub(super) status: u16,
    pub(super) place: Site,
    pub(super) broken: Broken,
    pub(super) message: String,
    pub(super) allow: Option<String>,
    pub(super) fumble: Option<Fumble>,
}

impl Objection {
    fn new(status: u16, place: Site, broken: impl Into<Broken>, message: impl Into<String>) -> Self {
        Self { status, place, broken: broken.into(), message: message.into(), allow: None, fumble: None }
    }
}

impl Stub {
    pub(super) fn objection(&self, request: &Request, repeated: bool) -> Option<Objection> {
        let crash =
            |part, keyword, message: &str| Some(Objection::new(500, self.operation.site(part), keyword, message));
        if self.has(WireFault::Flaky) && self.memory().requests.is_multiple_of(FLAKINESS) {
            return crash(Part::Request, Keyword::Flaky, "lost its way");
        }
        if request.method != self.operation.method {
            if self.has(WireFault::MethodCrash) {
                return crash(Part::Request, Keyword::Method, "has no such method");
            }
            let objection = Objection::new(
                405,
                self.operation.site(Part::Request),
                Keyword::Method,
                format!("only {} is served", self.operation.method),
            );
            return Some(Objection { allow: Some(self.operation.method.clone()), ..objection });
        }
        if self.has(WireFault::QueryCrash) && request.path.contains('?') {
            return crash(Part::Query, Keyword::UnknownMember, "cannot read the query string");
        }
        self.caller(request)
            .or_else(|| self.parameters(request))
            .or_else(|| self.content_type(request).filter(|_| self.operation.body.is_sent))
            .or_else(|| self.body(request).filter(|_| self.operation.body.is_sent))
            .or_else(|| {
                let minds = repeated && self.has(WireFault::MindsRepetition);
                minds.then(|| {
                    Objection::new(409, self.operation.site(Part::Body), Keyword::Idempotent, "has been sent already")
                })
            })
            .map(|objection| self.fumbled(objection))
    }

    /// The same objection, fumbled where a fault says so.
    fn fumbled(&self, objection: Objection) -> Objection {
        let fumble = self.faults.iter().find_map(|fault| match fault.effect {
            Effect::Fumble(fumble) if *fault.place() == objection.place && objection.broken == fault.keyword() => {
                Some(fumble)
            }
            _ => None,
        });
        match fumble {
            Some(fumble) => Objection { status: 500, fumble: Some(fumble), ..objection },
            None => objection,
        }
    }

    /// Who calls must be known before anything else is looked at.
    fn caller(&self, request: &Request) -> Option<Objection> {
        let security = &self.operation.security;
        security.needed().find_map(|(number, scheme)| {
            let place = scheme.site(self.operation.name())?;
            let effect = |fault: &&Fault| *fault.place() == place && fault.keyword() == Keyword::Security;
            let effect = self.faults.iter().find(effect).map(|fault| &fault.effect);
            let known = self.callers.get(number)?.as_ref()?;
            let is_known = match effect {
                Some(Effect::Lets(Leniency::Any)) => true,
                Some(Effect::AnyCaller) => known.is_carried_in(request),
                _ => known.is_in(request),
            };
            (!is_known).then(|| Objection::new(401, place, Keyword::Security, "does not say who calls"))
        })
    }

    fn parameters(&self, request: &Request) -> Option<Objection> {
        let Some(sent) = Sent::of(&self.operation, request) else {
            return Some(Objection::new(404, self.operation.site(Part::Path), Keyword::Required, "names no resource"));
        };
        for (parameter, judge) in self.operation.parameters.iter().zip(&self.parameters) {
            let readings = sent.readings(parameter);
            let place = &parameter.site;
            let bound = |keyword, bound: Option<usize>| {
                let bent = self.faults.iter().find_map(|fault| match fault.effect {
                    Effect::Bound(bent) if fault.place() == place && fault.keyword() == keyword => Some(bent),
                    Effect::Lets(Leniency::Any) if fault.place() == place && fault.keyword() == keyword => Some(None),
                    _ => None,
                });
                bent.unwrap_or(bound)
            };
            let Some(readings) = readings else {
                // At least one of them must be there.
                if bound(Keyword::Required, parameter.required.then_some(1)).is_some() {
                    return Some(Objection::new(400, place.clone(), Keyword::Required, "is missing"));
                }
                continue;
            };
            if let Some(judge) = judge
                && !readings.iter().any(|value| judge.accepts(value))
            {
                if self.lets_text(parameter, judge, &readings) {
                    continue;
                }
                return Some(of_readings(place, judge, &readings));
            }
            let Some(value) = sent.text(parameter).filter(|_| !parameter.style.has_parts()) else { continue };
            let length = value.chars().count();
            if bound(Keyword::MinLength, parameter.min).is_some_and(|min| length < min) {
                return Some(Objection::new(400, place.clone(), Keyword::MinLength, "is too short"));
            }
            if bound(Keyword::MaxLength, parameter.max).is_some_and(|max| length > max) {
                return Some(Objection::new(400, place.clone(), Keyword::MaxLength, "is too long"));
            }
        }
        None
    }

    /// Whether what breaks the schema of a parameter is let pass.
    fn lets_text(&self, parameter: &Parameter, judge: &NodeJudge, readings: &[Value]) -> bool {
        let place = &parameter.site;
        let is_about = |fault: &&Fault| fault.place() == place || place.is_around(fault.place());
        self.faults.iter().filter(is_about).any(|fault| {
            if fault.effect != Effect::Lets(Leniency::Any) {
                return false;
            }
            let names = names_of(fault.keyword());
            let here = fault.place().node().get(place.node().len());
            let is_here = |at: &str, keyword: &str| {
                let step = at.strip_prefix('/');
                names.contains(&keyword)
                    && match here {
                        None => step.is_none(),
                        Some(Step::Member(name)) => step.is_some_and(|step| unescaped(step) == **name),
                        Some(Step::Value | Step::Pattern(_)) => step.is_some(),
                        Some(_) => step.is_some_and(|step| step.bytes().all(|byte| byte.is_ascii_digit())),
                    }
            };
            if fault.keyword() == Keyword::Type {
                // What is written as a number is one.
                let is_whole = |value: &&Value| parameter.style.has_parts() || !value.is_array();
                let spelt = readings.iter().rfind(is_whole);
                return spelt.is_some_and(|value| judge.breaks_only_where(value, &is_here));
            }
            let is_whole = here.is_none() && fault.keyword() != Keyword::UnknownMember;
            readings
                .iter()
                .any(|value| judge.breaks_only_where(value, &is_here) || (is_whole && judge.breaks_only(value, &names)))
        })
    }

    fn content_type(&self, request: &Request) -> Option<Objection> {
        if self.operation.is_open && request.body.as_deref().is_none_or(<[u8]>::is_empty) {
            // What is not there has no media type.
            return None;
        }
        let value = request.header("content-type");
        let off = self.has(WireFault::AnyMediaType) || (value.is_none() && self.has(WireFault::NoMediaType));
        let exact = (self.has(WireFault::MediaTypeCase)
            && value.is_some_and(|value| !value.starts_with("application/json")))
            || (self.has(WireFault::MediaTypeBare) && value.is_some_and(|value| value.contains(';')));
        // Of JSON each parameter has its meaning; of other media types they say how the body is cut.
        let own = self.operation.body.media_type.as_str();
        let is_json = self.operation.body.coding == Coding::Json;
        let is_own = || value == Some(own) || (!is_json && value.is_some_and(|value| fits(own, value)));
        if ((parse::is_json_in_utf8(value) || is_own()) && !exact) || off {
            return None;
        }
        let place = Site::new(self.operation.name(), Part::Header, [Step::member(CONTENT_TYPE)]);
        let own = &self.operation.body;
        let message = format!(
            "must be {}",
            if own.media_types.len() > 1 { own.media_types.join(" or ") } else { own.media_type.clone() }
        );
        Some(Objection::new(415, place, Keyword::MediaType, message))
    }

    fn body(&self, request: &Request) -> Option<Objection> {
        let bytes = request.body.as_deref().unwrap_or_default();
        let media_type = request.header("content-type").unwrap_or(&self.operation.body.media_type);
        let here = || self.operation.site(Part::Body);
        let refuse = |keyword, message: String| Some(Objection::new(400, here(), keyword, message));
        if bytes.is_empty() && !self.operation.body.is_required {
            return None;
        }
        if bytes.is_empty() {
            let off = self.has(WireFault::NoBody);
            return if off { None } else { refuse(Keyword::Required, "is missing".to_owned()) };
        }
        let trips = |fault: &Fault| matches!(fault.effect, Effect::Wire(wire) if wire.trips_over(bytes));
        if self.faults.iter().any(trips) {
            return Some(Objection::new(500, here(), Keyword::WellFormed, "stumbled over the body"));
        }
        let lenient = self.faults.iter().find_map(|fault| match fault.effect {
            Effect::Wire(WireFault::Reads(reading)) => Some(reading),
            _ => None,
        });
        if self.operation.body.coding != Coding::Json {
            return match self.meant(media_type, bytes) {
                Some(body) => self.value(&body),
                None => refuse(Keyword::WellFormed, "cannot be read".to_owned()),
            };
        }
        let body = match parse::body(bytes, lenient) {
            Ok(Some(body)) => body,
            Ok(None) => return None,
            Err(message) => return refuse(Keyword::WellFormed, message),
        };
        self.value(&body)
    }

    /// What a body that is no JSON most likely means.
    fn meant(&self, media_type: &str, bytes: &[u8]) -> Option<Value> {
        let judge = self.bent.as_ref().unwrap_or(&self.clean);
        match &self.operation.body.coding {
            Coding::Bytes => Some(Value::from("sample")),
            Coding::Text => {
                let readings = carrier::whole(&self.operation, bytes)?;
                let legal = readings.iter().find(|value| judge.accepts(value));
                legal.or(readings.first()).cloned()
            }
            _ => Some(parse::likeliest(carrier::members(&self.operation, media_type, bytes)?, judge)),
        }
    }

    fn value(&self, body: &Value) -> Option<Objection> {
        let crash = self.faults.iter().find(|fault| match &fault.effect {
            Effect::TextCrash => {
                fault.place().values_in(body).iter().any(|value| value.as_str().is_some_and(|text| !text.is_ascii()))
            }
            Effect::UnknownCrash(known) => {
                fault.place().values_in(body).iter().any(|value| {
                    value.as_object().is_some_and(|object| object.keys().any(|name| !known.contains(name)))
                })
            }
            _ => false,
        });
        if let Some(fault) = crash {
            return Some(Objection::new(500, fault.place().clone(), fault.keyword(), "stumbled over a value"));
        }
        if let Some(fault) = self.faults.iter().find(|fault| fault.effect.clashes_in(body)) {
            return Some(Objection::new(400, fault.place().clone(), Keyword::Interaction, "do not go together"));
        }
        let odd = self.faults.iter().find_map(|fault| match &fault.effect {
            Effect::Value(value, fumble) if fault.place().values_in(body).contains(&value) => {
                let objection =
                    Objection::new(500, fault.place().clone(), fault.keyword(), "stumbled over a legal value");
                Some(Objection { fumble: Some(*fumble), ..objection })
            }
            Effect::Refuse(value) if fault.place().values_in(body).contains(&value) => {
                Some(Objection::new(400, fault.place().clone(), fault.keyword(), "is not liked"))
            }
            _ => None,
        });
        if odd.is_some() {
            return odd;
        }
        if self.has(WireFault::RefusesExample) && self.is_example(body) {
            return Some(Objection::new(400, self.operation.site(Part::Body), Keyword::Example, "looks familiar"));
        }
        let strict = self.faults.iter().find(|fault| match &fault.effect {
            Effect::Strict(bound) => {
                let mut values = fault.place().values_in(body).into_iter();
                values.any(|value| values::stands_on(fault.keyword(), bound, value))
            }
            _ => false,
        });
        if let Some(fault) = strict {
            return Some(Objection::new(400, fault.place().clone(), fault.keyword(), "is not liked"));
        }
        let judge = self.bent.as_ref().unwrap_or(&self.clean);
        if judge.accepts(body) {
            return None;
        }
        if self.operation.is_open {
            let all: Vec<Violation> = judge.all_violations(body);
            let is_let = |violation: &Violation| self.faults.iter().any(|fault| fault.lets(violation, body, &all));
            let violation = judge.objection(body, &is_let)?;
            let fumbling = |fault: &&Fault| matches!(fault.effect, Effect::Fumble(_));
            let is_rest = |violation: &Violation| {
                self.faults.iter().filter(fumbling).any(|fault| fault.is_about(violation, &all))
            };
            // What breaks nothing but what the stub fumbles, it fumbles.
            let fumbled = judge.objection(body, &is_rest).is_none();
            let fault = self.faults.iter().find(fumbling).filter(|_| fumbled);
            return Some(match fault {
                Some(fault) => Objection::new(400, fault.place().clone(), fault.keyword(), violation.message),
                None => Objection::new(400, violation.place.clone(), violation.broken.clone(), violation.message),
            });
        }
        let violations = judge.violations(body);
        let fumbling = |violation: &&Violation| {
            self.faults.iter().any(|fault| {
                matches!(fault.effect, Effect::Fumble(_))
                    && *fault.place() == violation.place
                    && violation.broken == fault.keyword()
            })
        };
        let unchecked = |violation: &&Violation| {
            self.faults.iter().any(|fault| match fault.effect {
                Effect::FirstElementOnly => values::is_past_first(violation, fault.place()),
                Effect::AnyElement => values::has_sound_sibling(body, &violations, violation, fault.place()),
                _ => false,
            })
        };
        let violation =
            violations.iter().find(fumbling).or_else(|| violations.iter().find(|violation| !unchecked(violation)))?;
        Some(Objection::new(400, violation.place.clone(), violation.broken.clone(), violation.message.clone()))
    }

    fn is_example(&self, body: &Value) -> bool {
        let example = self.operation.body.example.as_deref().unwrap_or_default();
        serde_json::from_str::<Value>(example).is_ok_and(|example| example == *body)
    }
}

/// What stands against a value of a parameter, by the reading that is nearest to a legal one.
fn of_readings(place: &Site, judge: &NodeJudge, readings: &[Value]) -> Objection {
    let objections = readings.iter().filter_map(|value| judge.objection(value));
    // Another type is what is meant least.
    let nearest = objections.min_by_key(|(keyword, _)| keyword == Keyword::Type.as_str());
    let (keyword, message) = nearest.unwrap_or_else(|| (Keyword::Type.to_string(), "cannot be read".to_owned()));
    let broken = keyword.parse::<Keyword>().map_or_else(|_| Broken::Unmapped(keyword), Broken::Rule);
    Objection::new(400, place.clone(), broken, message)
}
