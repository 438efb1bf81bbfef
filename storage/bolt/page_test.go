package bolt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"appsync-emulator/storage"
	"appsync-emulator/storage/attribute"
	"appsync-emulator/storage/bolt"
)

func query(t testing.TB, s *bolt.Store, in storage.QueryInput) *storage.PageOutput {
	t.Helper()
	out, err := s.Query(ctx, &in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func scan(t testing.TB, s *bolt.Store, in storage.ScanInput) *storage.PageOutput {
	t.Helper()
	out, err := s.Scan(ctx, &in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestQueryKeyConditions(t *testing.T) {
	s := newStore(t,
		storage.Table{Name: "numbers", Key: key(part("id", attribute.S), part("n", attribute.N))},
		storage.Table{Name: "strings", Key: key(part("id", attribute.S), part("n", attribute.S))},
	)
	for _, n := range []string{"-10", "-1.5", "0", "1", "2", "10", "100"} {
		put(t, s, "numbers", item("id", "a", "n", attribute.Number(n)), item("id", "ab", "n", attribute.Number(n)))
	}
	for _, n := range []string{"a", "a\x00", "ab", "abc", "b", "\u00e9"} {
		put(t, s, "strings", item("id", "a", "n", n), item("id", "a\x00", "n", n))
	}
	for _, tt := range []struct {
		table, condition string
		low, high        any
		want             []string
	}{
		{"numbers", "id = :id", nil, nil, []string{"-10", "-1.5", "0", "1", "2", "10", "100"}},
		{"numbers", "id = :id AND n = :l", 10, nil, []string{"10"}},
		{"numbers", "id = :id AND n = :l", 11, nil, []string{}},
		{"numbers", "id = :id AND n < :l", 2, nil, []string{"-10", "-1.5", "0", "1"}},
		{"numbers", "id = :id AND n <= :l", 2, nil, []string{"-10", "-1.5", "0", "1", "2"}},
		{"numbers", "id = :id AND n > :l", 2, nil, []string{"10", "100"}},
		{"numbers", "id = :id AND n >= :l", 2, nil, []string{"2", "10", "100"}},
		{"numbers", "id = :id AND n BETWEEN :l AND :h", -2, 3, []string{"-1.5", "0", "1", "2"}},
		{"numbers", "id = :id AND n BETWEEN :l AND :h", 3, 4, []string{}},
		{"strings", "id = :id AND begins_with(n, :l)", "a", nil, []string{"a", "a\x00", "ab", "abc"}},
		{"strings", "id = :id AND begins_with(n, :l)", "ab", nil, []string{"ab", "abc"}},
		{"strings", "id = :id AND begins_with(n, :l)", "a\x00", nil, []string{"a\x00"}},
		{"strings", "id = :id AND begins_with(n, :l)", "\u00e9", nil, []string{"\u00e9"}},
		{"strings", "id = :id AND n = :l", "a", nil, []string{"a"}},
		{"strings", "id = :id AND n <= :l", "ab", nil, []string{"a", "a\x00", "ab"}},
		{"strings", "id = :id AND n > :l", "a", nil, []string{"a\x00", "ab", "abc", "b", "\u00e9"}},
		{"strings", "id = :id AND n BETWEEN :l AND :h", "a\x00", "abc", []string{"a\x00", "ab", "abc"}},
	} {
		t.Run(fmt.Sprintf("%s %s %v %v", tt.table, tt.condition, tt.low, tt.high), func(t *testing.T) {
			v := values(":id", "a")
			if tt.low != nil {
				v[":l"] = value(tt.low)
			}
			if tt.high != nil {
				v[":h"] = value(tt.high)
			}
			expr := storage.Expressions{KeyCondition: tt.condition, Values: v}
			out := query(t, s, storage.QueryInput{Table: tt.table, Expr: expr})
			if diff := cmp.Diff(tt.want, column(out.Items, "n")); diff != "" {
				t.Errorf("ascending (-want +got):\n%s", diff)
			}
			if out.LastKey != nil || out.Count != len(tt.want) || out.ScannedCount != len(tt.want) {
				t.Errorf("got %+v", out)
			}
			out = query(t, s, storage.QueryInput{Table: tt.table, Expr: expr, Descending: true})
			slices.Reverse(tt.want)
			if diff := cmp.Diff(tt.want, column(out.Items, "n")); diff != "" {
				t.Errorf("descending (-want +got):\n%s", diff)
			}
			// Page by page, one item each.
			for _, descending := range []bool{false, true} {
				var got []string
				in := storage.QueryInput{Table: tt.table, Expr: expr, Descending: descending, Limit: 1}
				for {
					page := query(t, s, in)
					got = append(got, column(page.Items, "n")...)
					if in.StartKey = page.LastKey; in.StartKey == nil {
						break
					}
				}
				if !descending {
					slices.Reverse(got)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("paged: got %q, want %q", got, tt.want)
				}
			}
		})
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
func TestPagesEndAtTheirLimit(t *testing.T) {
	s := newStore(t, comments())
	for i := range 4 {
		put(t, s, "comments", item("postId", "p", "at", i, "even", i%2 == 0))
	}
	expr := storage.Expressions{KeyCondition: "postId = :p", Filter: "even = :t", Values: values(":p", "p", ":t", true)}
	// The limit counts what is evaluated, not what is answered.
	out := query(t, s, storage.QueryInput{Table: "comments", Expr: expr, Limit: 2})
	if out.Count != 1 || out.ScannedCount != 2 {
		t.Errorf("got %+v", out)
	}
	expectItem(t, out.LastKey, item("postId", "p", "at", 1))
	// A page that its limit ends has a last key even when nothing follows.
	out = query(t, s, storage.QueryInput{Table: "comments", Expr: expr, Limit: 4})
	expectItem(t, out.LastKey, item("postId", "p", "at", 3))
	out = query(t, s, storage.QueryInput{Table: "comments", Expr: expr, Limit: 4, StartKey: out.LastKey})
	if out.LastKey != nil || out.ScannedCount != 0 || out.Items == nil {
		t.Errorf("got %+v", out)
	}
	out = query(t, s, storage.QueryInput{Table: "comments", Expr: expr, Limit: 5})
	if out.LastKey != nil || out.Count != 2 {
		t.Errorf("got %+v", out)
	}
	// COUNT answers no items.
	out = query(t, s, storage.QueryInput{Table: "comments", Expr: expr, Select: storage.SelectCount})
	if out.Items != nil || out.Count != 2 || out.ScannedCount != 4 {
		t.Errorf("got %+v", out)
	}
	// The item at a start key need not exist.
	out = query(t, s, storage.QueryInput{Table: "comments", Expr: expr, StartKey: item("postId", "p", "at", attribute.Number("0.5"))})
	if diff := cmp.Diff([]string{"2"}, column(out.Items, "at")); diff != "" {
		t.Error(diff)
	}
}

func TestPagesEndAtOneMegabyte(t *testing.T) {
	s := newStore(t, comments())
	for i := range 30 {
		put(t, s, "comments", item("postId", "p", "at", i, "author", "a", "score", 1, "text", strings.Repeat("x", 100<<10)))
	}
	var sizes []int
	in := storage.QueryInput{Table: "comments", Expr: storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", "p")}}
	for {
		out := query(t, s, in)
		sizes = append(sizes, out.Count)
		if in.StartKey = out.LastKey; in.StartKey == nil {
			break
		}
	}
	if !slices.Equal(sizes, []int{11, 11, 8}) {
		t.Errorf("pages of %v items of 100 KB", sizes)
	}
	// What the filter drops, and what a projection leaves out, counts too.
	in = storage.QueryInput{Table: "comments", Index: "byAuthor", Expr: storage.Expressions{
		KeyCondition: "author = :a", Filter: "attribute_not_exists(score2)", Projection: "score", Values: values(":a", "a"),
	}}
	if out := query(t, s, in); out.Count != 11 || out.LastKey == nil {
		t.Errorf("got %d items of a projection, last key %s", out.Count, text(out.LastKey))
	}
	// An index that does not hold the large attribute has small items.
	out := query(t, s, storage.QueryInput{Table: "comments", Index: "byScore", Expr: storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", "p")}})
	if out.Count != 30 || out.LastKey != nil {
		t.Errorf("got %d items of the index", out.Count)
	}
}

func TestIndexesFollowTheirItems(t *testing.T) {
	s := newStore(t, comments())
	full := item("postId", "p", "at", 1, "author", "editor", "score", 5, "tag", "go", "mood", "fine", "text", "hello", "expires", 99)
	put(t, s, "comments", full, item("postId", "p", "at", 2)) // the second is in no index
	byAuthor := func(author string) []*attribute.Item {
		t.Helper()
		return query(t, s, storage.QueryInput{Table: "comments", Index: "byAuthor", Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", author)}}).Items
	}
	byMood := func() []*attribute.Item {
		t.Helper()
		return scan(t, s, storage.ScanInput{Table: "comments", Index: "byMood"}).Items
	}
	byTag := func() []*attribute.Item {
		t.Helper()
		return scan(t, s, storage.ScanInput{Table: "comments", Index: "byTag"}).Items
	}
	update := func(expr string, v map[string]attribute.Value) {
		t.Helper()
		if _, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "comments", Key: item("postId", "p", "at", 1), Expr: storage.Expressions{Update: expr, Names: map[string]string{"#t": "text"}, Values: v}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	expectItems(t, byAuthor("editor"), full)
	expectItems(t, byMood(), item("postId", "p", "at", 1, "mood", "fine", "text", "hello"))
	expectItems(t, byTag(), item("postId", "p", "at", 1, "tag", "go"))

	update("SET #t = :t, author = :a", values(":t", "bye", ":a", "guest"))
	expectItems(t, byAuthor("editor"))
	changed := full.Clone()
	changed.Set("text", value("bye"))
	changed.Set("author", value("guest"))
	expectItems(t, byAuthor("guest"), changed)
	expectItems(t, byMood(), item("postId", "p", "at", 1, "mood", "fine", "text", "bye"))

	// Without one of its key attributes the item leaves the index.
	update("SET #t = :t REMOVE score, mood", values(":t", "x"))
	expectItems(t, byAuthor("guest"))
	expectItems(t, byMood())
	expectItems(t, byTag(), item("postId", "p", "at", 1, "tag", "go"))

	put(t, s, "comments", item("postId", "p", "at", 1, "tag", "js"))
	expectItems(t, byTag(), item("postId", "p", "at", 1, "tag", "js"))
	if _, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "comments", Key: item("postId", "p", "at", 1)}); err != nil {
		t.Fatal(err)
	}
	expectItems(t, byTag())
}

func TestIndexPagesWithEqualSortKeys(t *testing.T) {
	s := newStore(t, comments())
	want := map[string]bool{}
	for post := range 5 {
		for at := range 4 {
			put(t, s, "comments", item("postId", fmt.Sprint("p", post), "at", at, "author", "a", "score", at/2))
			want[fmt.Sprint("p", post, " ", at)] = true
		}
	}
	for _, descending := range []bool{false, true} {
		got := map[string]bool{}
		in := storage.QueryInput{
			Table: "comments", Index: "byAuthor", Limit: 3, Descending: descending,
			Expr: storage.Expressions{KeyCondition: "author = :a", Values: values(":a", "a")},
		}
		var scores []string
		for {
			out := query(t, s, in)
			for _, it := range out.Items {
				id := it.Get("postId").Text() + " " + it.Get("at").Text()
				if got[id] {
					t.Errorf("%s comes twice", id)
				}
				got[id] = true
			}
			scores = append(scores, column(out.Items, "score")...)
			if in.StartKey = out.LastKey; in.StartKey == nil {
				break
			}
			if in.StartKey.Len() != 4 {
				t.Fatalf("last key %s", text(in.StartKey))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if descending {
			slices.Reverse(scores)
		}
		if !slices.IsSorted(scores) {
			t.Errorf("scores come as %v", scores)
		}
	}
}

// See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.Reading
func TestLocalIndexesFetchFromTheTable(t *testing.T) {
	s := newStore(t, comments())
	full := item("postId", "p", "at", 1, "score", 5, "text", "hello", "map", item("a", 1, "b", 2))
	put(t, s, "comments", full, item("postId", "p", "at", 2, "score", 4, "text", "other"))
	base := storage.QueryInput{Table: "comments", Index: "byScore", ConsistentRead: true, Descending: true, Expr: storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", "p")}}

	expectItems(t, query(t, s, base).Items, item("postId", "p", "at", 1, "score", 5), item("postId", "p", "at", 2, "score", 4))

	in := base
	in.Select = storage.SelectAll
	expectItems(t, query(t, s, in).Items, full, item("postId", "p", "at", 2, "score", 4, "text", "other"))

	in = base
	in.Expr.Projection, in.Expr.Names = "#m.a, score", map[string]string{"#m": "map"}
	expectItems(t, query(t, s, in).Items, item("map", item("a", 1), "score", 5), item("score", 4))

	in = base
	in.Expr.Filter, in.Expr.Names, in.Expr.Values = "#t = :t", map[string]string{"#t": "text"}, values(":p", "p", ":t", "hello")
	out := query(t, s, in)
	expectItems(t, out.Items, item("postId", "p", "at", 1, "score", 5))
	if out.ScannedCount != 2 {
		t.Errorf("scanned %d", out.ScannedCount)
	}
}

// Messages as recorded in the tests of architect/dynalite and, for Select, by
// conformance tests against AWS.
func TestReadsRefuse(t *testing.T) {
	s := newStore(t, comments(), posts())
	put(t, s, "comments", item("postId", "p", "at", 1, "author", "a", "score", 1, "tag", "t"))
	byPost := storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", "p")}
	byTag := storage.Expressions{KeyCondition: "tag = :p", Values: values(":p", "p")}
	with := func(e storage.Expressions, change func(*storage.Expressions)) storage.Expressions {
		change(&e)
		return e
	}
	long := values(":p", strings.Repeat("x", 2049))
	for _, tt := range []struct {
		name string
		in   storage.QueryInput
		want string
	}{
		{"no key condition", storage.QueryInput{}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."},
		{"negative limit", storage.QueryInput{Expr: byPost, Limit: -1}, "1 validation error detected: Value '-1' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"unknown select", storage.QueryInput{Expr: byPost, Select: "SOME"}, "1 validation error detected: Value 'SOME' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"},
		{"specific without projection", storage.QueryInput{Expr: byPost, Select: storage.SelectSpecific}, "1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"},
		{"count with projection", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Projection = "a" }), Select: storage.SelectCount}, "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get only the Count"},
		{"all with projection", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Projection = "a" }), Select: storage.SelectAll}, "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"},
		{"projected without index", storage.QueryInput{Expr: byPost, Select: storage.SelectProjected}, "1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"},
		{"unknown index", storage.QueryInput{Expr: byPost, Index: "byNothing"}, "The table does not have the specified index: byNothing"},
		{"consistent read of a global index", storage.QueryInput{Expr: byTag, Index: "byTag", ConsistentRead: true}, "Consistent reads are not supported on global secondary indexes"},
		{"all of a global index that has not all", storage.QueryInput{Expr: byTag, Index: "byTag", Select: storage.SelectAll}, "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index byTag because its projection type is not ALL"},
		{"what a global index has not", storage.QueryInput{Expr: with(byTag, func(e *storage.Expressions) { e.Projection = "tag, zebra, giraffe.x, ant" }), Index: "byTag"}, "One or more parameter values were invalid: Global secondary index byTag does not project [zebra, giraffe, ant]"},
		{"a filter on the key", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Filter = "postId = :p" })}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: postId"},
		{"a filter on the index key", storage.QueryInput{Expr: with(byTag, func(e *storage.Expressions) { e.Filter = "tag = :p" }), Index: "byTag"}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: tag"},
		{"another key", storage.QueryInput{Expr: byTag}, "Query condition missed key schema element: postId"},
		{"a key of another type", storage.QueryInput{Expr: storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", 1)}}, "One or more parameter values were invalid: Condition parameter type does not match schema type"},
		{"a key too long", storage.QueryInput{Expr: storage.Expressions{KeyCondition: "postId = :p", Values: long}}, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		{"an empty key", storage.QueryInput{Expr: storage.Expressions{KeyCondition: "postId = :p", Values: values(":p", "")}}, "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: postId"},
		{"start key without sort key", storage.QueryInput{Expr: byPost, StartKey: item("postId", "p")}, "The provided starting key is invalid"},
		{"start key of other names", storage.QueryInput{Expr: byPost, StartKey: item("postId", "p", "x", 1)}, "The provided starting key is invalid"},
		{"start key of another type", storage.QueryInput{Expr: byPost, StartKey: item("postId", "p", "at", "1")}, "The provided key element does not match the schema"},
		{"start key of another partition", storage.QueryInput{Expr: byPost, StartKey: item("postId", "q", "at", 1)}, "The provided starting key is outside query boundaries based on provided conditions"},
		{"start key outside the range", storage.QueryInput{Expr: storage.Expressions{KeyCondition: "postId = :p AND #at > :n", Names: map[string]string{"#at": "at"}, Values: values(":p", "p", ":n", 5)}, StartKey: item("postId", "p", "at", 1)}, "The provided starting key does not match the range key predicate"},
		// The order is that of architect/dynalite test/query.js.
		{"start key before the filter", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Filter = "postId = :p" }), StartKey: item("zz", "p")}, "The provided starting key is invalid"},
		{"start key of another partition before the filter", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Filter = "postId = :p" }), StartKey: item("postId", "q", "at", 1)}, "The provided starting key is outside query boundaries based on provided conditions"},
		{"start key before the key condition", storage.QueryInput{Expr: byTag, StartKey: item("zz", "p")}, "The provided starting key is invalid"},
		{"a filter into the sort key", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Filter = "#at[1] = :p"; e.Names = map[string]string{"#at": "at"} })}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: at"},
		{"a filter into the key of an index", storage.QueryInput{Expr: with(byPost, func(e *storage.Expressions) { e.Filter = "tag[1] = :p" })}, "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: tag"},
		{"start key of an index without the table's", storage.QueryInput{Expr: byTag, Index: "byTag", StartKey: item("tag", "p")}, "The provided starting key is invalid"},
		{"start key of an index with a wrong one of the table's", storage.QueryInput{Expr: byTag, Index: "byTag", StartKey: item("tag", "p", "postId", "p", "at", "x")}, "The provided starting key is invalid: The provided key element does not match the schema"},
	} {
		t.Run("query/"+tt.name, func(t *testing.T) {
			tt.in.Table = "comments"
			_, err := s.Query(ctx, &tt.in)
			expectRefusal(t, err, tt.want)
		})
	}
	for _, tt := range []struct {
		name string
		in   storage.ScanInput
		want string
	}{
		{"specific without projection", storage.ScanInput{Select: storage.SelectSpecific}, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"},
		{"projected without index", storage.ScanInput{Select: storage.SelectProjected}, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"},
		{"segment beyond the total", storage.ScanInput{Segment: 1, TotalSegments: 1}, "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 1 is not less than TotalSegments: 1"},
		{"segment without total", storage.ScanInput{Segment: 1}, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"},
		{"negative segment", storage.ScanInput{Segment: -1, TotalSegments: 2}, "1 validation error detected: Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"too many segments", storage.ScanInput{TotalSegments: 1000001}, "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000"},
		{"consistent read of a global index", storage.ScanInput{Index: "byTag", ConsistentRead: true}, "Consistent reads are not supported on global secondary indexes"},
		{"what a global index has not", storage.ScanInput{Index: "byTag", Expr: storage.Expressions{Projection: "score"}}, "One or more parameter values were invalid: Global secondary index byTag does not project [score]"},
		{"start key without sort key", storage.ScanInput{StartKey: item("postId", "p")}, "The provided starting key is invalid: The provided key element does not match the schema"},
		{"start key of another type", storage.ScanInput{StartKey: item("postId", "p", "at", "1")}, "The provided starting key is invalid: The provided key element does not match the schema"},
		{"start key of an index without the table's", storage.ScanInput{Index: "byTag", StartKey: item("tag", "p")}, "The provided starting key is invalid"},
	} {
		t.Run("scan/"+tt.name, func(t *testing.T) {
			tt.in.Table = "comments"
			_, err := s.Scan(ctx, &tt.in)
			expectRefusal(t, err, tt.want)
		})
	}
	t.Run("scan/start key of another segment", func(t *testing.T) {
		refused := 0
		for segment := range 4 {
			if _, err := s.Scan(ctx, &storage.ScanInput{Table: "comments", StartKey: item("postId", "p", "at", 1), Segment: segment, TotalSegments: 4}); err != nil {
				expectRefusal(t, err, fmt.Sprintf("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: 4 Segment: %d", segment))
				refused++
			}
		}
		if refused != 3 {
			t.Errorf("%d of 4 segments refuse a key", refused)
		}
	})
}

func TestScan(t *testing.T) {
	s := newStore(t, posts(), comments())
	var want []string
	for i := range 200 {
		id := fmt.Sprintf("%03d", i)
		want = append(want, id)
		put(t, s, "posts", item("id", id, "n", i))
	}
	all := scan(t, s, storage.ScanInput{Table: "posts"})
	if got := slices.Sorted(slices.Values(column(all.Items, "id"))); !slices.Equal(got, want) || all.Count != 200 || all.LastKey != nil {
		t.Errorf("got %d of %q, last key %s", all.Count, got, text(all.LastKey))
	}
	t.Run("pages in a stable order", func(t *testing.T) {
		var got []string
		in := storage.ScanInput{Table: "posts", Limit: 7}
		for {
			out := scan(t, s, in)
			got = append(got, column(out.Items, "id")...)
			if in.StartKey = out.LastKey; in.StartKey == nil {
				break
			}
		}
		if diff := cmp.Diff(column(all.Items, "id"), got); diff != "" {
			t.Error(diff)
		}
	})
	for _, total := range []int{1, 2, 3, 16, 1000} {
		t.Run(fmt.Sprint(total, " segments"), func(t *testing.T) {
			var got []string
			largest := 0
			for segment := range total {
				in := storage.ScanInput{Table: "posts", Segment: segment, TotalSegments: total, Limit: 10}
				n := 0
				for {
					out := scan(t, s, in)
					got = append(got, column(out.Items, "id")...)
					n += out.Count
					if in.StartKey = out.LastKey; in.StartKey == nil {
						break
					}
				}
				largest = max(largest, n)
			}
			if diff := cmp.Diff(column(all.Items, "id"), got); diff != "" {
				t.Error(diff)
			}
			if total == 2 && largest > 130 {
				t.Errorf("one of two segments has %d of 200 items", largest)
			}
		})
	}
	t.Run("filters and projects", func(t *testing.T) {
		out := scan(t, s, storage.ScanInput{Table: "posts", Expr: storage.Expressions{Filter: "n < :n", Projection: "n", Values: values(":n", 2)}})
		if out.Count != 2 || out.ScannedCount != 200 || out.Items[0].Len() != 1 {
			t.Errorf("got %+v", out)
		}
	})
	t.Run("of an empty table", func(t *testing.T) {
		out := scan(t, s, storage.ScanInput{Table: "comments"})
		if out.Items == nil || out.Count != 0 || out.LastKey != nil {
			t.Errorf("got %+v", out)
		}
	})
}

// Answers are the caller's to keep, whatever happens to the file later.
func TestAnswersOutliveTheirTransaction(t *testing.T) {
	s := newStore(t, comments())
	for i := range 50 {
		put(t, s, "comments", item("postId", "p", "at", i, "author", "a", "score", i, "list", []any{"first", i}, "map", item("k", "first")))
	}
	expr := storage.Expressions{KeyCondition: "postId = :p", Filter: "score >= :z", Projection: "#a, #l[0], #m.k, score", Names: map[string]string{"#a": "at", "#l": "list", "#m": "map"}, Values: values(":p", "p", ":z", 0)}
	out := query(t, s, storage.QueryInput{Table: "comments", Expr: expr, Limit: 40})
	before := texts(append(out.Items, out.LastKey))
	for i := range 50 {
		put(t, s, "comments", item("postId", "p", "at", i, "author", "zzzzzz", "score", i, "list", []any{"second", i}, "map", item("k", "second")))
	}
	query(t, s, storage.QueryInput{Table: "comments", Expr: expr})
	if diff := cmp.Diff(before, texts(append(out.Items, out.LastKey))); diff != "" {
		t.Error(diff)
	}
}

// A page begins after the position of the one before, whatever has happened to
// the item there: it may be gone, changed, or have new neighbours.
func TestPagesGoOnWhileItemsChange(t *testing.T) {
	for _, tt := range []struct {
		name, index, condition string
		descending             bool
	}{
		{"table", "", "postId = :v", false},
		{"table backwards", "", "postId = :v", true},
		{"index", "byAuthor", "author = :v", false},
		{"index backwards", "byAuthor", "author = :v", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t, comments())
			const items = 40
			for i := range items {
				put(t, s, "comments", item("postId", "x", "at", i*10, "author", "x", "score", i/4))
			}
			in := storage.QueryInput{
				Table: "comments", Index: tt.index, Limit: 3, Descending: tt.descending,
				Expr: storage.Expressions{KeyCondition: tt.condition, Values: values(":v", "x")},
			}
			seen := map[string]int{}
			for page := 0; ; page++ {
				out := query(t, s, in)
				for _, it := range out.Items {
					seen[it.Get("at").Text()]++
				}
				if in.StartKey = out.LastKey; in.StartKey == nil {
					break
				}
				at := in.StartKey.Get("at")
				key := attribute.NewItem(attribute.Attribute{Name: "postId", Value: value("x")}, attribute.Attribute{Name: "at", Value: at})
				if page%2 == 0 {
					// The item that the page ended with is gone.
					if _, err := s.DeleteItem(ctx, &storage.DeleteItemInput{Table: "comments", Key: key}); err != nil {
						t.Fatal(err)
					}
				} else if tt.index != "" {
					// It has left the index.
					if _, err := s.UpdateItem(ctx, &storage.UpdateItemInput{Table: "comments", Key: key, Expr: storage.Expressions{Update: "REMOVE author"}}); err != nil {
						t.Fatal(err)
					}
				}
			}
			for i := range items {
				if n := seen[fmt.Sprint(i*10)]; n != 1 {
					t.Errorf("item %d came %d times", i, n)
				}
			}
		})
	}
}
