//! The table of routes from which a router is built: no handler without its door. The tests read from it which
//! operations there are, so that none can be left out of them.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};

use super::auth::Shared;

/// What asks the authority before the handlers of an address run.
pub type Door = fn(Handlers, &Shared, &'static str) -> Handlers;

/// The handlers of one address.
pub type Handlers = MethodRouter<Shared, Infallible>;

/// One operation: a method at an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// `GET`, `POST`, `PUT`.
    pub method: &'static str,
    /// The address, with `{name}` for each parameter.
    pub path: &'static str,
}

/// The name of an operation, as the policies have it. Who asks for the head of something asks for the thing.
#[must_use]
pub fn operation(method: &Method, path: &str) -> String {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    format!("{method} {path}")
}

/// Handlers of one address, by method.
pub struct Methods {
    handlers: Handlers,
    names: Vec<&'static str>,
}

/// A handler that reads.
pub fn get<H: Handler<T, Shared>, T: 'static>(handler: H) -> Methods {
    Methods { handlers: routing::get(handler), names: vec!["GET"] }
}

/// A handler that does something.
pub fn post<H: Handler<T, Shared>, T: 'static>(handler: H) -> Methods {
    Methods { handlers: routing::post(handler), names: vec!["POST"] }
}

/// A handler that puts something in its place.
pub fn put<H: Handler<T, Shared>, T: 'static>(handler: H) -> Methods {
    Methods { handlers: routing::put(handler), names: vec!["PUT"] }
}

impl Methods {
    /// The same address, to read.
    #[must_use]
    pub fn get<H: Handler<T, Shared>, T: 'static>(mut self, handler: H) -> Self {
        self.names.push("GET");
        Self { handlers: self.handlers.get(handler), ..self }
    }

    /// The same address, to do something.
    #[must_use]
    pub fn post<H: Handler<T, Shared>, T: 'static>(mut self, handler: H) -> Self {
        self.names.push("POST");
        Self { handlers: self.handlers.post(handler), ..self }
    }

    /// Bodies of any length, which the handler counts itself.
    #[must_use]
    pub fn unlimited(self) -> Self {
        Self { handlers: self.handlers.layer(DefaultBodyLimit::disable()), ..self }
    }
}

/// Routes behind one kind of door.
pub struct Table {
    router: Router<Shared>,
    certifier: Shared,
    door: Door,
    operations: Vec<Operation>,
}

impl Table {
    /// An empty one.
    #[must_use]
    pub fn new(certifier: &Shared, door: Door) -> Self {
        let certifier = Arc::clone(certifier);
        Self { router: Router::new(), certifier, door, operations: Vec::new() }
    }

    /// Adds an address with its handlers, behind the door.
    #[must_use]
    pub fn route(mut self, path: &'static str, methods: Methods) -> Self {
        let Methods { handlers, names } = methods;
        self.operations.extend(names.into_iter().map(|method| Operation { method, path }));
        let behind = (self.door)(handlers, &self.certifier, path);
        Self { router: self.router.route(path, behind), ..self }
    }

    /// Adds what another table has, each behind its own door.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// Puts something around all that is there so far.
    #[must_use]
    pub fn around(self, with: impl FnOnce(Router<Shared>) -> Router<Shared>) -> Self {
        Self { router: with(self.router), ..self }
    }

    /// Every operation.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The router.
    pub fn router(self) -> Router<Shared> {
        self.router
    }
}
