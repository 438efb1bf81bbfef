package document

import (
	"math"
	"math/big"

	"appsync-emulator/mappingtemplate/value"
)

// decoder reads the fields of one document.
type decoder struct {
	fields          *value.Map
	templateVersion Version
	versioned       bool
}

// decode returns a document, or an error that may be a fault.
func (d *decoder) decode(source SourceKind, version Version) (doc Document, err error) {
	if d.templateVersion, err = d.version(version); err != nil {
		return nil, err
	}
	switch source {
	case SourceNone:
		return d.none()
	case SourceDynamoDB, SourceVersionedDynamoDB:
		d.versioned = source == SourceVersionedDynamoDB
		return d.dynamoDB()
	}
	return nil, d.otherSource(source)
}

// version reads the version, which every document must have, unless another is
// imposed.
func (d *decoder) version(imposed Version) (Version, error) {
	if imposed != "" {
		return imposed, nil
	}
	s, err := d.required("version")
	if err != nil {
		return "", err
	}
	switch v := Version(s); v {
	case Version2017, Version2018:
		return v, nil
	}
	return "", under(badValue(s, string(Version2017), string(Version2018)), "version")
}

// required reads a field of the document that must be text.
func (d *decoder) required(name string) (string, error) {
	v := d.fields.Value(name)
	if v == nil {
		return "", notFound(name)
	}
	s, ok := v.(string)
	if !ok {
		return "", under(wrongType("string", v), name)
	}
	return s, nil
}

func (d *decoder) none() (Document, error) {
	for name := range d.fields.All() {
		if name != "version" && name != "payload" {
			return nil, under(unsupportedElement(), name)
		}
	}
	return &None{Version: d.templateVersion, Payload: d.fields.Value("payload")}, nil
}

// otherSource refuses a document for a data source that the emulator does not
// run, in AppSync's words where AppSync refuses it too.
func (d *decoder) otherSource(source SourceKind) error {
	known := func(field string, names ...string) error {
		s, err := d.required(field)
		if err != nil {
			return err
		}
		for _, name := range names {
			if s == name {
				return &NotSupportedError{Operation: s}
			}
		}
		return unsupportedOperation(s)
	}
	switch source {
	case SourceLambda:
		return known("operation", "Invoke", "BatchInvoke")
	case SourceHTTP:
		return known("method", "GET", "POST", "PUT", "DELETE", "PATCH")
	case SourceOpenSearch:
		return known("operation", "GET", "POST", "PUT", "HEAD", "DELETE")
	case SourceEventBridge:
		return known("operation", "PutEvents")
	case SourceRDS:
		if d.fields.Value("statements") == nil {
			return notFound("statements")
		}
		return &NotSupportedError{Operation: "ExecuteStatement"}
	}
	return &NotSupportedError{Operation: "unknown"}
}

// The readers below take an optional field. An explicit null counts as absent,
// as templates write "nextToken": $util.toJson($ctx.args.nextToken).

func optionalString(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	return "", wrongType("string", v)
}

func optionalBool(v any, absent bool) (bool, error) {
	switch v := v.(type) {
	case nil:
		return absent, nil
	case bool:
		return v, nil
	}
	return false, wrongType("boolean", v)
}

// optionalInteger reads a whole number. A decimal notation of one is as good.
func optionalInteger(v any) (*int64, error) {
	if v == nil {
		return nil, nil
	}
	n, ok := wholeNumber(v)
	if !ok {
		return nil, wrongType("integer", v)
	}
	return &n, nil
}

func wholeNumber(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case *big.Int:
		return v.Int64(), v.IsInt64()
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), true
		}
	case value.Decimal:
		if f, ok := new(big.Rat).SetString(boundedDecimal(v)); ok && f.IsInt() && f.Num().IsInt64() {
			return f.Num().Int64(), true
		}
	}
	return 0, false
}

// boundedDecimal returns the text of a number short enough to be unfolded; a
// large exponent would make a number of as many digits.
func boundedDecimal(d value.Decimal) string {
	if len(d) > 64 {
		return ""
	}
	for i := 0; i < len(d); i++ {
		if d[i] == 'e' || d[i] == 'E' {
			return ""
		}
	}
	return string(d)
}

func optionalObject(v any) (*value.Map, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *value.Map:
		return v, nil
	}
	return nil, wrongType("object", v)
}
