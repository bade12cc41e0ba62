//! What a document lets be left out and a service wants: it is found out, and the rest is tested.

use fencepost::exchange::Request;

use crate::carriers::{first, ids, served};

const LIST: &str = "  /x:
    get:
      parameters:
        - {name: tenant, in: header, schema: {type: string, enum: [one, two]}}
        - {name: q, in: query, schema: {type: string, minLength: 1}, example: tea}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
      responses: {'200': {description: It.}, '400': {description: No.}}
";

fn value<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let (_, query) = request.path.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// A service that wants some of these, and holds every value to its rules, the limit but for its greatest.
fn found(wants: &[&str], keeps_maximum: bool) -> Vec<String> {
    let contract = first(LIST);
    let verdicts = served(&contract, |request| {
        let tenant = request.header("tenant");
        let is_there = |name: &&str| if *name == "tenant" { tenant.is_some() } else { value(request, name).is_some() };
        let limit = value(request, "limit").map(|text| text.parse::<i64>().unwrap_or_default());
        let is_legal = tenant.is_none_or(|tenant| ["one", "two"].contains(&tenant))
            && value(request, "q").is_none_or(|q| !q.is_empty())
            && limit.is_none_or(|limit| limit >= 1 && (limit <= 100 || !keeps_maximum));
        if wants.iter().all(is_there) && is_legal { 200 } else { 400 }
    });
    ids(&verdicts)
}

#[test]
fn a_parameter_that_a_service_wants_is_sent_though_it_may_be_left_out() {
    for wants in [&[][..], &["q"], &["tenant"], &["q", "limit"], &["tenant", "q", "limit"]] {
        assert_eq!(found(wants, true), [""; 0], "{wants:?}");
        assert_eq!(found(wants, false), ["query.limit:maximum:outside"], "{wants:?}");
    }
}
