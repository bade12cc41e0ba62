//! The places of a body that is no JSON: each member as a field, and what has no sure form left out, or sent as one value.

use serde_json::{Map, Value, json};

use super::view::View;
use super::{OperationReader, is_json, json_of};
use crate::carrier;
use crate::contract::{
    Coding, Direction, Field, Holds, ParameterIn, Place, PlaceId, Presence, Shape, Style, StyleName,
};
use crate::text::{media_type, pointer};

const URLENCODED: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
/// Says in an encoding that Swagger 2.0 puts all elements of an array into one part.
const JOINED: &str = "x-joined";

/// The form of a body, and the places that can be written in it.
pub(super) struct Form {
    pub(super) coding: Coding,
    pub(super) places: Vec<Place>,
    /// The schema of each.
    pub(super) schemas: Vec<Value>,
}

/// What becomes of a member.
enum Fate {
    Kept,
    /// The same, of which only these values are sent.
    Only(Vec<Value>),
    Dropped,
}

impl OperationReader<'_> {
    /// What of these places, which a schema has, can be written in the coding of a media type.
    pub(super) fn coded(
        &mut self,
        (media_type, media): (&str, &Value),
        schema: &Value,
        (mut places, schemas): (Vec<Place>, Vec<Value>),
        pointer: &str,
    ) -> Result<Form, String> {
        let essence = essence(media_type);
        if is_json(&essence) || essence.starts_with("*/") || essence == "application/*" {
            return Ok(Form { coding: Coding::Json, places, schemas });
        }
        if matches!(essence.as_str(), URLENCODED | MULTIPART) {
            return self.form(schema, (media, essence == MULTIPART), (places, schemas), pointer);
        }
        let is_text = essence.starts_with("text/");
        let types = self.view(schema).types().map(|types| types.join(" ")).unwrap_or_default();
        let is_spelt = is_text && matches!(types.as_str(), "integer" | "number" | "boolean");
        if !is_spelt && !matches!(types.as_str(), "" | "string") {
            return Err(format!("its body is {media_type} of a schema that is no text; only text is sent so"));
        }
        if is_text {
            return Ok(Form { coding: Coding::Text, places, schemas });
        }
        places.truncate(1);
        places[0].assertions.clear();
        places[0].shape = Shape::Opaque { type_name: None, samples: vec![json!("sample")] };
        Ok(Form { coding: Coding::Bytes, places, schemas: schemas.into_iter().take(1).collect() })
    }

    /// What of these places can be written in a form.
    fn form(
        &mut self,
        schema: &Value,
        (media, is_multipart): (&Value, bool),
        (mut places, mut schemas): (Vec<Place>, Vec<Value>),
        pointer: &str,
    ) -> Result<Form, String> {
        let properties = self.view(schema).get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let encoding = media.get("encoding").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut fields = Vec::new();
        let mut keep = vec![true; places.len()];
        let mut left_out = Vec::new();
        for (name, property) in &properties {
            let at = places.iter().position(|place| place.parent == Some(PlaceId(0)) && place.member() == Some(name));
            let field = self.field(name, property, encoding.get(name), at.map(|at| &places[at].shape));
            let field = if is_multipart {
                self.part(field, property, encoding.get(name), at.map(|at| &mut places[at]))
            } else {
                field
            };
            let Some(at) = at else {
                fields.push(field);
                continue;
            };
            let (field, fate) = if is_multipart {
                part_fate(field, &places, at)?
            } else {
                self.fate(field, property, &places, at, &mut keep)
            };
            match fate {
                Fate::Kept => {}
                Fate::Dropped => {
                    left_out.push(name.as_str());
                    drop_all(&places, PlaceId(at), &mut keep);
                }
                Fate::Only(samples) if samples.is_empty() => {
                    return Err(format!("`{name}` of its form cannot be written; give it an `example`"));
                }
                Fate::Only(samples) => {
                    drop_all(&places, PlaceId(at), &mut keep);
                    keep[at] = true;
                    let is_opaque = matches!(places[at].shape, Shape::Opaque { .. });
                    let type_name =
                        if let Shape::Opaque { type_name, .. } = places[at].shape { type_name } else { None };
                    places[at].shape = Shape::Opaque { type_name: type_name.filter(|_| is_opaque), samples };
                }
            }
            // The same name in another branch is written alike: what has parts there has none here.
            let is_other = |(number, place): &(usize, &Place)| {
                *number != at && place.parent == Some(PlaceId(0)) && place.member() == Some(name)
            };
            let has_parts =
                |place: &Place| matches!(place.shape, Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. });
            let others =
                places.iter().enumerate().filter(is_other).filter(|(_, place)| has_parts(place) && !field.typed);
            for (other, _) in others {
                drop_all(&places, PlaceId(other), &mut keep);
            }
            fields.push(field);
        }
        if let Some(first) = left_out.first() {
            let what =
                format!("{} of the form's members (`{first}`) have no form that everybody reads alike", left_out.len());
            self.remark(&pointer::below(pointer, "properties"), what, "they are never sent");
        }
        let coding = if is_multipart { Coding::Multipart(fields) } else { Coding::Form(fields) };
        if let Some(Place { shape: Shape::Opaque { samples, .. }, .. }) = places.first_mut() {
            samples.retain(|sample| carrier::has_form(&coding, sample));
            if samples.is_empty() {
                return Err("no legal value of its form could be made up; give it an `example`".to_owned());
            }
        }
        let mut flags = keep.iter();
        schemas.retain(|_| flags.next() == Some(&true));
        Ok(Form { coding, places: kept(places, &keep), schemas })
    }

    /// How a member is written, as the encoding has it.
    fn field(&self, name: &str, property: &Value, encoding: Option<&Value>, shape: Option<&Shape>) -> Field {
        let empty = Value::Null;
        let encoding = encoding.unwrap_or(&empty);
        let media = encoding.get("contentType").and_then(Value::as_str);
        let style = encoding.get("style").and_then(Value::as_str).and_then(StyleName::named);
        let style = style.filter(|style| carrier::fits(ParameterIn::Query, *style));
        let typed = media.is_some_and(is_json) && style.is_none();
        let view = self.view(property);
        let named = match shape {
            Some(Shape::Opaque { type_name: None, samples }) => match samples.first() {
                Some(Value::Array(_)) => "array",
                Some(Value::Object(_)) => "object",
                _ => "string",
            },
            Some(shape) => shape.type_name(),
            None => view.types().and_then(|types| types.first().copied()).unwrap_or("string"),
        };
        let holds = match named {
            _ if typed => Holds::Json,
            "array" => Holds::Array,
            "object" if style.is_some() => Holds::Object,
            "object" => Holds::Json,
            _ => Holds::One,
        };
        let style = style.unwrap_or(StyleName::Form);
        let explode = encoding.get("explode").and_then(Value::as_bool).unwrap_or(style == StyleName::Form);
        Field {
            name: name.to_owned(),
            style: Style { name: style, explode, holds },
            typed,
            media_type: None,
            file: None,
        }
    }

    /// How a member is written as a part: an object as JSON, a file as one.
    fn part(&self, field: Field, property: &Value, encoding: Option<&Value>, place: Option<&mut Place>) -> Field {
        let media = encoding.and_then(|encoding| encoding.get("contentType")).and_then(Value::as_str);
        // One of a list, and a name instead of a range.
        let media = media.and_then(|all| all.split(',').next()).map(|one| named(one.trim()));
        let view = self.view(property);
        let items = self.view(view.get("items").unwrap_or(&Value::Null));
        let is_binary = |view: &View| {
            let says = |keyword: &str| view.get(keyword).and_then(Value::as_str);
            let is_string = view.types().is_none_or(|types| types.is_empty() || types == ["string"]);
            let is_empty = view.get("type").is_none() && view.keywords.keys().all(|keyword| keyword == "description");
            is_string && (says("format") == Some("binary") || says("contentMediaType").is_some() || is_empty)
        };
        // A text in a part of some kind of text is no file for that.
        let told = media.as_deref().is_some_and(|media| !is_json(media) && !essence(media).starts_with("text/"));
        let holds = field.style.holds;
        // Only Swagger 2.0 says how the elements of an array stand in one part; else each has its own.
        let is_joined = encoding.is_some_and(|encoding| encoding.get(JOINED).is_some());
        let style = Style { explode: field.style.explode || !is_joined, ..field.style };
        let field = Field { style, ..field };
        let is_list = holds == Holds::Array;
        let is_file =
            matches!(holds, Holds::One | Holds::Array) && (told || is_binary(if is_list { &items } else { &view }));
        let typed = holds == Holds::Json || media.as_deref().is_some_and(is_json);
        let media_type = media.or_else(|| Some(view.get("contentMediaType")?.as_str()?.to_owned()));
        if !is_file || typed {
            return Field { typed, media_type, ..field };
        }
        let sample = json!("sample");
        let holds = if is_list { Holds::Array } else { Holds::One };
        if let Some(place) = place {
            let value = if is_list { json!([sample]) } else { sample };
            place.shape = Shape::Opaque { type_name: None, samples: vec![value] };
            place.assertions.clear();
        }
        Field {
            style: Style { holds, explode: true, ..field.style },
            media_type,
            file: Some("sample".to_owned()),
            ..field
        }
    }

    /// What becomes of a member, and how it is written then.
    fn fate(&self, field: Field, property: &Value, places: &[Place], at: usize, keep: &mut [bool]) -> (Field, Fate) {
        if field.typed {
            return (field, Fate::Kept);
        }
        let style = field.style;
        let can_hold = style.holds != Holds::Json
            && !(style.holds == Holds::Object && style.name == StyleName::Form && style.explode);
        let is_plain = |id: PlaceId| match &places[id.0].shape {
            Shape::Object { .. } | Shape::Array { .. } | Shape::Tuple { .. } => false,
            Shape::Opaque { samples, .. } => samples.iter().all(|sample| !sample.is_object() && !sample.is_array()),
            _ => true,
        };
        let written =
            |value: &Value| carrier::Place { location: ParameterIn::Query, name: &field.name, style }.write(value);
        let is_sure = |value: &Value| can_hold && written(value).is_some_and(|written| written.is_sure);
        let fits = match &places[at].shape {
            Shape::Tuple { .. } => false,
            Shape::Array { element } => is_plain(*element) && is_sure(&json!(["a", "b"])),
            Shape::Object { members, .. } => {
                let (plain, others): (Vec<PlaceId>, Vec<PlaceId>) =
                    members.iter().copied().partition(|id| is_plain(*id));
                let is_free = |id: &PlaceId| places[id.0].presence == Presence::Optional;
                let fits = others.iter().all(is_free) && !plain.is_empty() && is_sure(&json!({"a": "b"}));
                if fits {
                    for id in others {
                        drop_all(places, id, keep);
                    }
                }
                fits
            }
            Shape::Opaque { samples, .. } => {
                let sure: Vec<Value> = samples.iter().filter(|sample| is_sure(sample)).cloned().collect();
                if !sure.is_empty() {
                    return (field, Fate::Only(sure));
                }
                false
            }
            _ => true,
        };
        if fits {
            return (field, Fate::Kept);
        }
        if places[at].presence == Presence::Optional {
            return (field, Fate::Dropped);
        }
        let bundle_is_legal = |value: &Value| !value.is_null();
        let samples = self.samples(property, Direction::Request, &bundle_is_legal);
        let writable: Vec<Value> = samples.iter().filter(|sample| written(sample).is_some()).cloned().collect();
        if writable.is_empty() {
            // What nothing is said of is JSON by default.
            let style = Style { name: StyleName::Form, explode: true, holds: Holds::Json };
            return (Field { style, ..field }, Fate::Only(samples));
        }
        (field, Fate::Only(writable))
    }
}

/// What becomes of a part: JSON is kept whole, a file is one value, and of an array each element is a part. What has parts of
/// its own and is to be no JSON cannot be written.
fn part_fate(field: Field, places: &[Place], at: usize) -> Result<(Field, Fate), String> {
    let is_plain = |id: PlaceId| match &places[id.0].shape {
        Shape::Object { .. } | Shape::Array { .. } => false,
        Shape::Opaque { samples, .. } => samples.iter().all(|sample| !sample.is_object() && !sample.is_array()),
        _ => true,
    };
    let holds_parts = match &places[at].shape {
        Shape::Array { element } => !is_plain(*element),
        shape => matches!(shape, Shape::Object { .. }),
    };
    let is_whole_object =
        matches!(&places[at].shape, Shape::Opaque { samples, .. } if samples.iter().any(Value::is_object));
    if let (Shape::Opaque { samples, .. }, true) = (&places[at].shape, field.file.is_some()) {
        let samples = samples.clone();
        return Ok((field, Fate::Only(samples)));
    }
    let other = field.media_type.as_deref().filter(|media| (holds_parts || is_whole_object) && !is_json(media));
    if let Some(other) = other {
        return match places[at].presence {
            Presence::Optional => Ok((field, Fate::Dropped)),
            _ => Err(format!("`{}` of its form is {other}; only JSON, texts and files are sent yet", field.name)),
        };
    }
    // By default each element that is no plain value is a part of JSON.
    let typed = field.typed || holds_parts;
    Ok((Field { typed, ..field }, Fate::Kept))
}

/// Drops a place and all that stands in it.
fn drop_all(places: &[Place], id: PlaceId, keep: &mut [bool]) {
    let mut within = vec![false; places.len()];
    for (number, place) in places.iter().enumerate() {
        within[number] = number == id.0 || place.parent.is_some_and(|parent| within[parent.0]);
        keep[number] &= !within[number];
    }
}

/// The places that are kept, under their new numbers.
fn kept(places: Vec<Place>, keep: &[bool]) -> Vec<Place> {
    let mut count = 0;
    let numbers: Vec<Option<PlaceId>> = keep
        .iter()
        .map(|keep| {
            count += usize::from(*keep);
            keep.then(|| PlaceId(count - 1))
        })
        .collect();
    let new = |id: PlaceId| numbers.get(id.0).copied().flatten();
    let all = places.into_iter().zip(keep).filter(|(_, keep)| **keep);
    all.map(|(mut place, _)| {
        place.parent = place.parent.and_then(new);
        match &mut place.shape {
            Shape::Object { members, .. } => *members = members.iter().filter_map(|id| new(*id)).collect(),
            Shape::Tuple { items, element } => {
                *items = items.iter().filter_map(|id| new(*id)).collect();
                *element = element.and_then(new);
            }
            Shape::Array { element } => *element = new(*element).unwrap_or(*element),
            _ => {}
        }
        place
    })
    .collect()
}

/// What of several media types is sent: JSON, a form, a form with files, text, or any bytes.
pub(super) fn sent_of(content: &Map<String, Value>) -> Option<(&String, &Value)> {
    let is = |wanted: &dyn Fn(&str) -> bool| content.iter().find(|(name, _)| wanted(&essence(name)));
    json_of(content)
        .or_else(|| is(&|name| name == URLENCODED))
        .or_else(|| is(&|name| name == MULTIPART))
        .or_else(|| is(&|name| name.starts_with("text/") && !name.ends_with("xml")))
        .or_else(|| is(&|name| is_bytes(name)))
}

/// Media types of which any bytes may be sent, for all that the document says.
fn is_bytes(essence: &str) -> bool {
    let kinds = ["image/", "audio/", "video/", "font/"];
    let names =
        ["application/octet-stream", "application/pdf", "application/zip", "application/gzip", "application/binary"];
    kinds.iter().any(|kind| essence.starts_with(kind) && !essence.ends_with("xml")) || names.contains(&essence)
}

/// The media type as it goes out.
pub(super) fn named(media_type: &str) -> String {
    match essence(media_type).as_str() {
        MULTIPART => format!("{MULTIPART}; boundary={}", carrier::BOUNDARY),
        "text/*" => "text/plain".to_owned(),
        "image/*" => "image/png".to_owned(),
        name if name.contains("*/") => "application/json".to_owned(),
        "application/*" => "application/json".to_owned(),
        name if name.ends_with("/*") => "application/octet-stream".to_owned(),
        _ => media_type.to_owned(),
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type::essence(media_type).to_ascii_lowercase()
}
