//! The HTTP edge: routes, roles, problem documents. Knows no SQL.
