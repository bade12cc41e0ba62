//! The stub of a whole document: it finds the operation that a request is meant for, and lets that one's stub answer.
//!
//! Operations are read when they are first called: together they may be many times the document.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{Answers, Fault, Reply, Stub, answer};
use crate::carrier::{holes, specificity};
use crate::contract::Contract;
use crate::document::{Document, OperationRef};
use crate::exchange::{Request, Response};
use crate::open::{BodyAs, open_as};
use crate::rule::Keyword;
use crate::text::media_type::fits;
use crate::text::percent::decoded_text;

/// So many operations that keep the contract are held ready.
const MOST_READY: usize = 64;

/// A server that enforces every operation of a document.
#[derive(Debug)]
pub struct DocumentStub {
    document: Arc<Document>,
    /// The operations that are served.
    operations: Vec<OperationRef>,
    /// The path below which each of them lies.
    base_paths: Vec<String>,
    seed: u64,
    /// The stubs of operations that break the contract, or are read in a way of their own.
    own: Vec<(OperationRef, Arc<Stub>)>,
    /// The stubs that were called last, by the number of the operation and the media type of the body.
    ready: Mutex<Vec<(Key, Ready)>>,
}

type Key = (usize, Option<String>);
/// Or why there is none.
type Ready = Result<Arc<Stub>, String>;

impl DocumentStub {
    /// A stub of these operations of a document; `seed` varies what is made up.
    pub fn new(document: &Arc<Document>, operations: Vec<OperationRef>, seed: u64) -> Self {
        let (own, ready) = (Vec::new(), Mutex::default());
        let base_paths = operations.iter().map(|operation| document.base_path_of(operation)).collect();
        Self { document: document.clone(), operations, base_paths, seed, own, ready }
    }

    /// The same with an operation, one of those that are served, that is read so and has these faults.
    #[must_use]
    pub fn with(mut self, contract: &Contract, faults: Vec<Fault>) -> Self {
        let own = contract.operation();
        let mut all = self.operations.iter();
        if let Some(operation) = all.find(|one| one.method == own.method && one.path == own.path) {
            let stub = Arc::new(Stub::new(contract, faults).for_callers(self.seed));
            self.own.push((operation.clone(), stub));
        }
        self
    }

    /// The operations whose path a request has, those that are meant, and the request as they know it.
    fn meant(&self, request: &Request) -> (Vec<usize>, Request) {
        let (path, query) =
            request.path.split_once('?').map_or((request.path.as_str(), None), |(path, query)| (path, Some(query)));
        // Where each lies first, and then as if it were at the root.
        for is_below in [true, false] {
            let under = |number: &usize| {
                let operation = &self.operations[*number];
                let base = self.base_paths[*number].as_str();
                let path = if is_below { without(base, path)? } else { path };
                holes(&operation.path, path).map(|_| path)
            };
            let fit: Vec<usize> = (0..self.operations.len()).filter(|number| under(number).is_some()).collect();
            let best = fit.iter().map(|number| specificity(&self.operations[*number].path)).max();
            let is_best = |number: &usize| best.as_ref() == Some(&specificity(&self.operations[*number].path));
            let meant: Vec<usize> = fit.into_iter().filter(is_best).collect();
            if let Some(path) = meant.first().and_then(under) {
                let query = query.map(|query| format!("?{query}")).unwrap_or_default();
                return (meant, Request { path: format!("{path}{query}"), ..request.clone() });
            }
        }
        (Vec::new(), request.clone())
    }

    /// The stub of an operation for a request; or why there is none.
    fn stub(&self, number: usize, request: &Request) -> Ready {
        let operation = &self.operations[number];
        if let Some((_, stub)) = self.own.iter().find(|(own, _)| own == operation) {
            return Ok(stub.clone());
        }
        let key = (number, self.other_body(operation, request));
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let found = ready.iter().position(|(other, _)| *other == key).map(|at| ready.remove(at).1);
        let stub = found.unwrap_or_else(|| self.opened(operation, key.1.as_deref()).map(Arc::new));
        if ready.len() >= MOST_READY {
            drop(ready.remove(0));
        }
        ready.push((key, stub.clone()));
        stub
    }

    /// The media type of the body, as the document writes it, where it is one of several.
    fn other_body(&self, operation: &OperationRef, request: &Request) -> Option<String> {
        let here = self.document.tree().pointer(&operation.pointer)?;
        let content = self.document.follow(here.get("requestBody")?)?.get("content")?.as_object()?;
        let given = request.header("content-type").filter(|_| content.len() > 1)?;
        let exact = content.keys().find(|name| fits(given, name));
        exact.or_else(|| content.keys().find(|name| fits(name, given))).cloned()
    }

    fn opened(&self, operation: &OperationRef, body: Option<&str>) -> Result<Stub, String> {
        let opened = open_as(&self.document, operation, body.map_or(BodyAs::Usual, BodyAs::Only));
        // A body that cannot be read is taken as it is.
        let contract = opened
            .contract
            .or_else(|why| open_as(&self.document, operation, BodyAs::Unread).contract.map_err(|_| why))?;
        Ok(Stub::new(&contract, Vec::new()).for_callers(self.seed))
    }

    /// The operation of several on one path that a request is for: its method, and what of a query stands in the path.
    fn called(&self, meant: &[usize], request: &Request) -> Option<usize> {
        let given: BTreeSet<&str> =
            request.path.split_once('?').into_iter().flat_map(|(_, query)| query.split('&')).collect();
        let pairs = |number: &usize| {
            let template = self.operations[*number].path.split('#').next().unwrap_or_default();
            let query = template.split_once('?').map(|(_, query)| query.split('&').collect::<Vec<_>>());
            query.unwrap_or_default()
        };
        let same = || meant.iter().filter(|number| self.operations[**number].method == request.method);
        let is_given = |number: &&usize| pairs(number).iter().all(|pair| given.contains(pair));
        same().filter(is_given).max_by_key(|number| pairs(number).len()).or_else(|| same().next()).copied()
    }

    /// The stub that answers a request, with the request as it knows it; or what is answered where there is none.
    fn found(&self, request: &Request) -> Result<(Arc<Stub>, Request), Response> {
        let (meant, request) = self.meant(request);
        let [first, ..] = meant[..] else {
            let path = request.path.split('?').next().unwrap_or_default();
            return Err(told(
                404,
                "path",
                Keyword::Required.as_str(),
                &format!("no path of {} is {path}", self.document.name()),
            ));
        };
        let asked = Request { method: "GET".to_owned(), ..request.clone() };
        let number = match self.called(&meant, &request) {
            Some(number) => number,
            // HTTP has HEAD where it has GET; the body is left out on its way.
            None if request.method == "HEAD" && self.called(&meant, &asked).is_some() => return self.found(&asked),
            // The one operation of a path refuses other methods in its own words.
            None if meant.len() == 1 => first,
            None => {
                let methods: BTreeSet<&str> =
                    meant.iter().map(|number| self.operations[*number].method.as_str()).collect();
                let allow = methods.into_iter().collect::<Vec<_>>().join(", ");
                let mut refusal = told(405, "request", "method", &format!("only {allow} are served"));
                refusal.headers.push(("Allow".to_owned(), allow));
                return Err(refusal);
            }
        };
        let operation = &self.operations[number];
        let stub = self.stub(number, &request).map_err(|why| {
            told(
                501,
                "request",
                "operation",
                &format!("{} {} cannot be served: {why}", operation.method, operation.path),
            )
        })?;
        let path = format!("{}{}", stub.operation.base_path, request.path);
        Ok((stub, Request { path, ..request }))
    }
}

impl Answers for DocumentStub {
    fn reply(&self, request: &Request) -> Reply {
        match self.found(request) {
            Ok((stub, request)) => stub.reply(&request),
            Err(response) => Reply::Answer(response),
        }
    }

    fn drops(&self, request: &Request) -> bool {
        self.found(request).is_ok_and(|(stub, request)| stub.drops(&request))
    }
}

/// A path below the one of the server; nothing where it does not stand there.
fn without<'a>(base: &str, path: &'a str) -> Option<&'a str> {
    let count = base.matches('/').count();
    let at = path.match_indices('/').nth(count).map_or(path.len(), |(at, _)| at);
    let (before, rest) = path.split_at(at);
    (!base.is_empty() && (before == base || decoded_text(before) == base)).then_some(rest)
}

/// An answer of no operation.
fn told(status: u16, place: &str, keyword: &str, message: &str) -> Response {
    let body: Value = json!({ "place": place, "keyword": keyword, "message": message });
    answer(status, &body)
}
