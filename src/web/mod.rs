//! Pages for people: the certificate of a release as a page that can be read and printed.
