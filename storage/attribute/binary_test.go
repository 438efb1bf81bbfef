package attribute_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"appsync-emulator/storage/attribute"
)

func sampleItem() *attribute.Item {
	return attribute.NewItem(
		attribute.Attribute{Name: "id", Value: attribute.String("1")},
		attribute.Attribute{Name: "empty", Value: attribute.String("")},
		attribute.Attribute{Name: "n", Value: attribute.Number("-12.5")},
		attribute.Attribute{Name: "bytes", Value: attribute.Binary([]byte{0, 1, 0xFF})},
		attribute.Attribute{Name: "yes", Value: attribute.Bool(true)},
		attribute.Attribute{Name: "no", Value: attribute.Bool(false)},
		attribute.Attribute{Name: "null", Value: attribute.Null()},
		attribute.Attribute{Name: "ss", Value: attribute.SetOf(attribute.SS, []attribute.Value{attribute.String("a"), attribute.String("b")})},
		attribute.Attribute{Name: "ns", Value: attribute.SetOf(attribute.NS, []attribute.Value{attribute.Number("1"), attribute.Number("2")})},
		attribute.Attribute{Name: "bs", Value: attribute.SetOf(attribute.BS, []attribute.Value{attribute.Binary([]byte("x"))})},
		attribute.Attribute{Name: "list", Value: attribute.ListOf([]attribute.Value{
			attribute.String("x"), attribute.ListOf(nil), attribute.MapOf(attribute.NewItem(attribute.Attribute{Name: "k", Value: attribute.Null()})),
		})},
		attribute.Attribute{Name: "map", Value: attribute.MapOf(attribute.NewItem(
			attribute.Attribute{Name: "inner", Value: attribute.MapOf(&attribute.Item{})},
			attribute.Attribute{Name: "list", Value: attribute.ListOf([]attribute.Value{attribute.Number("3")})},
		))},
		attribute.Attribute{Name: "long", Value: attribute.String(strings.Repeat("long ", 40))},
	)
}

func TestBinaryRoundTrip(t *testing.T) {
	for name, it := range map[string]*attribute.Item{"nil": nil, "empty": {}, "all kinds": sampleItem()} {
		t.Run(name, func(t *testing.T) {
			b := attribute.AppendBinary([]byte("before"), it)[len("before"):]
			got, err := attribute.DecodeBinary(b)
			if err != nil {
				t.Fatal(err)
			}
			if !attribute.EqualItems(got, it) {
				t.Errorf("got %s, want %s", attribute.AppendItemJSON(nil, got), attribute.AppendItemJSON(nil, it))
			}
			if again := attribute.AppendBinary(nil, got); !bytes.Equal(again, b) {
				t.Errorf("encodes again as %x, not %x", again, b)
			}
		})
	}
}

func TestBinaryDecodedItemsMayBeChanged(t *testing.T) {
	b := attribute.AppendBinary(nil, sampleItem())
	it, err := attribute.DecodeBinary(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] = 0xEE // the item has its own copy
	}
	inner := it.Get("map").Item()
	it.Set("zzz", attribute.String("added"))
	inner.Set("zzz", attribute.String("added"))
	want := sampleItem()
	want.Get("map").Item().Set("zzz", attribute.String("added"))
	want.Set("zzz", attribute.String("added"))
	if !attribute.EqualItems(it, want) {
		t.Errorf("got %s", attribute.AppendItemJSON(nil, it))
	}
}

func TestBinaryBorrowReusesMemory(t *testing.T) {
	small := attribute.NewItem(attribute.Attribute{Name: "id", Value: attribute.String("2")})
	encodings := [][]byte{attribute.AppendBinary(nil, sampleItem()), attribute.AppendBinary(nil, small), attribute.AppendBinary(nil, nil)}
	want := []*attribute.Item{sampleItem(), small, {}}
	var d attribute.BinaryDecoder
	for round := range 3 {
		for i, b := range encodings {
			got, err := d.Borrow(b)
			if err != nil {
				t.Fatal(err)
			}
			if !attribute.EqualItems(got, want[i]) {
				t.Errorf("round %d: got %s", round, attribute.AppendItemJSON(nil, got))
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := d.Borrow(encodings[0]); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("borrowing allocates %v times", n)
	}
	// A damaged item does not disturb the next one.
	if _, err := d.Borrow(encodings[0][:20]); err == nil {
		t.Error("a cut encoding is accepted")
	}
	if got, err := d.Borrow(encodings[0]); err != nil || !attribute.EqualItems(got, want[0]) {
		t.Errorf("after a damaged item: %v, %v", got, err)
	}
}

func TestBinaryRefusesDamage(t *testing.T) {
	good := attribute.AppendBinary(nil, sampleItem())
	for n := range good {
		if _, err := attribute.DecodeBinary(good[:n]); err == nil {
			t.Errorf("accepted when cut to %d bytes", n)
		}
	}
	for name, b := range map[string][]byte{
		"trailing bytes":     append(bytes.Clone(good), 0),
		"newer version":      append([]byte{2}, good[1:]...),
		"huge counts":        {1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0},
		"endless uvarint":    bytes.Repeat([]byte{0xFF}, 20),
		"unknown kind":       {1, 1, 0, 0, 1, 1, 'a', 99},
		"absent value":       {1, 1, 0, 0, 1, 1, 'a', 0},
		"names out of order": {1, 2, 0, 0, 2, 1, 'b', byte(attribute.NULL), 1, 'a', byte(attribute.NULL)},
		"duplicate names":    {1, 2, 0, 0, 2, 1, 'a', byte(attribute.NULL), 1, 'a', byte(attribute.NULL)},
		"bool beyond 1":      {1, 1, 0, 0, 1, 1, 'a', byte(attribute.BOOL), 2},
		"count too high":     {1, 2, 0, 0, 1, 1, 'a', byte(attribute.NULL)},
		"text beyond end":    {1, 1, 0, 0, 1, 1, 'a', byte(attribute.S), 200},
	} {
		if it, err := attribute.DecodeBinary(b); err == nil {
			t.Errorf("%s: accepted as %s", name, attribute.AppendItemJSON(nil, it))
		}
	}
	for n := range good {
		if size, err := attribute.BinarySize(good[:n]); err == nil {
			t.Errorf("cut to %d bytes it has the size %d", n, size)
		}
	}
	deep := attribute.Null()
	for range 10000 {
		deep = attribute.ListOf([]attribute.Value{deep})
	}
	b := attribute.AppendBinary(nil, attribute.NewItem(attribute.Attribute{Name: "a", Value: deep}))
	if _, err := attribute.DecodeBinary(b); err == nil {
		t.Error("10000 nested lists are accepted")
	}
	if _, err := attribute.BinarySize(b); err == nil {
		t.Error("10000 nested lists have a size")
	}
}

func drawValue(t *rapid.T, depth int) attribute.Value {
	kinds := []attribute.Kind{attribute.S, attribute.N, attribute.B, attribute.BOOL, attribute.NULL, attribute.SS}
	if depth < 4 {
		kinds = append(kinds, attribute.L, attribute.M)
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case attribute.S:
		return attribute.String(rapid.String().Draw(t, "s"))
	case attribute.N:
		return drawNumber(t, "n")
	case attribute.B:
		return attribute.Binary(rapid.SliceOf(rapid.Byte()).Draw(t, "b"))
	case attribute.BOOL:
		return attribute.Bool(rapid.Bool().Draw(t, "bool"))
	case attribute.SS:
		var elems []attribute.Value
		for _, s := range rapid.SliceOfNDistinct(rapid.String(), 1, 5, rapid.ID).Draw(t, "ss") {
			elems = append(elems, attribute.String(s))
		}
		return attribute.SetOf(kind, elems)
	case attribute.L:
		elems := make([]attribute.Value, rapid.IntRange(0, 4).Draw(t, "len"))
		for i := range elems {
			elems[i] = drawValue(t, depth+1)
		}
		return attribute.ListOf(elems)
	case attribute.M:
		return attribute.MapOf(drawItem(t, depth+1))
	default:
		return attribute.Null()
	}
}

func drawItem(t *rapid.T, depth int) *attribute.Item {
	it := &attribute.Item{}
	for range rapid.IntRange(0, 5).Draw(t, "attributes") {
		it.Set(rapid.StringN(1, 8, -1).Draw(t, "name"), drawValue(t, depth))
	}
	return it
}

func TestBinaryRoundTripOfAnyItem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		it := drawItem(t, 0)
		b := attribute.AppendBinary(nil, it)
		got, err := attribute.DecodeBinary(b)
		if err != nil || !attribute.EqualItems(got, it) {
			t.Fatalf("got %v, %v", got, err)
		}
		var d attribute.BinaryDecoder
		borrowed, err := d.Borrow(b)
		if err != nil || !attribute.EqualItems(borrowed, it) {
			t.Fatalf("borrowed %v, %v", borrowed, err)
		}
		if size, err := attribute.BinarySize(b); err != nil || size != it.Size() {
			t.Fatalf("size %d, %v, want %d", size, err, it.Size())
		}
	})
}

func FuzzDecodeBinary(f *testing.F) {
	f.Add(attribute.AppendBinary(nil, sampleItem()))
	f.Add(attribute.AppendBinary(nil, nil))
	f.Add([]byte{1, 2, 0, 0, 2, 1, 'b', byte(attribute.NULL), 1, 'a', byte(attribute.NULL)})
	f.Fuzz(func(t *testing.T, b []byte) {
		size, sizeErr := attribute.BinarySize(b)
		it, err := attribute.DecodeBinary(b)
		if err != nil {
			return
		}
		if sizeErr != nil || size != it.Size() {
			t.Fatalf("%x: size %d, %v, want %d", b, size, sizeErr, it.Size())
		}
		// What is accepted is an item like any other.
		again, err := attribute.DecodeBinary(attribute.AppendBinary(nil, it))
		if err != nil || !bytes.Equal(attribute.AppendBinary(nil, again), attribute.AppendBinary(nil, it)) {
			t.Fatalf("%x: %v, %v", b, again, err)
		}
	})
}

func BenchmarkDecodeBinary(b *testing.B) {
	encoded := attribute.AppendBinary(nil, sampleItem())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := attribute.DecodeBinary(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendBinary(b *testing.B) {
	it := sampleItem()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = attribute.AppendBinary(buf[:0], it)
	}
}
