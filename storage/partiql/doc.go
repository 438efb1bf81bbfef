// Package partiql is DynamoDB's PartiQL: it parses statements and runs them on a
// storage.Store, alone (Execute), in a batch (ExecuteBatch) or in a transaction
// (ExecuteTransaction). A statement becomes the inputs of package storage, with
// its conditions as expressions: a SELECT is a GetItem, a Query for each key
// that the WHERE clause fixes, or else a Scan; the others are conditional writes
// of one item.
//
// Supported are SELECT with projections of document paths, FROM an index, WHERE,
// ORDER BY of key attributes and paging; INSERT; UPDATE with SET, REMOVE and
// RETURNING; DELETE with RETURNING; EXISTS in transactions; the comparisons,
// BETWEEN, IN, IS [NOT] MISSING and NULL, AND, OR, NOT; the functions
// attribute_type, attribute_exists, attribute_not_exists, begins_with, contains,
// size, list_append, set_add and set_delete; + and - in SET; literals of every
// type but binary, parameters, quoted identifiers and comments. What DynamoDB
// refuses, such as joins, LIMIT and aggregates, is refused here.
//
// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
package partiql
