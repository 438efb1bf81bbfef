package value

func concurrentModification() error {
	return throw("java.util.ConcurrentModificationException", "")
}

// noSuchElement is thrown for asking for an item beyond the ends. Of arrays and
// their parts Java tells the exception that it comes from.
func (it *Iterator) noSuchElement(i int) error {
	message := ""
	if it.array != nil && it.array.Type != arrayPart {
		message = "java.lang.ArrayIndexOutOfBoundsException"
	}
	return throw("java.util.NoSuchElementException", message)
}

// listIterator returns an iterator that can go back, at the i-th item.
func listIterator(v any, i int) *Iterator {
	it := Iterate(v)
	switch it.class {
	case "java.util.ArrayList$Itr":
		it.class = "java.util.ArrayList$ListItr"
	case "java.util.AbstractList$Itr":
		it.class = "java.util.AbstractList$ListItr"
	}
	it.bothWays, it.next = true, i
	return it
}

// previous returns the item before, as ListIterator.previous does.
func (it *Iterator) previous() (any, error) {
	items := it.items
	if it.list != nil {
		items = it.list.Items
		if int(it.list.changes) != it.version {
			return nil, concurrentModification()
		}
	}
	if it.next == 0 {
		return nil, it.noSuchElement(-1)
	}
	it.next--
	it.last = it.next + 1
	return items[it.next], nil
}

// remove removes the item that was returned last.
func (it *Iterator) remove() error {
	if it.last == 0 {
		return throw("java.lang.IllegalStateException", "")
	}
	i := it.last - 1
	switch {
	case it.list != nil:
		if int(it.list.changes) != it.version {
			return concurrentModification()
		}
		it.list.splice(i, i+1)
		it.version = int(it.list.changes)
	case it.set != nil:
		if it.set.owner != nil && it.set.owner.version != it.version {
			return concurrentModification()
		}
		it.set.removeAt(i)
		it.items = append(it.items[:i:i], it.items[i+1:]...)
		it.size--
		if it.set.owner != nil {
			it.version = it.set.owner.version
		}
	default:
		return unsupported()
	}
	it.next, it.last = i, 0
	return nil
}

// replace replaces the item that was returned last, as ListIterator.set does.
func (it *Iterator) replace(v any) error {
	if it.last == 0 {
		return throw("java.lang.IllegalStateException", "")
	}
	if it.array != nil {
		_, err := it.array.setAt(it.last-1, v)
		return err
	}
	if int(it.list.changes) != it.version {
		return concurrentModification()
	}
	it.list.setAt(it.last-1, v)
	return nil
}

// add puts an item before the next one, as ListIterator.add does.
func (it *Iterator) add(v any) error {
	if it.array != nil {
		return unsupported()
	}
	if int(it.list.changes) != it.version {
		return concurrentModification()
	}
	it.list.splice(it.next, it.next, v)
	it.version = int(it.list.changes)
	it.next, it.last = it.next+1, 0
	return nil
}

func (c *call) onIterator(it *Iterator) (any, bool, error) {
	switch c.name {
	case "hasNext":
		if c.fits() {
			return returns(it.HasNext())
		}
	case "next":
		if c.fits() {
			v, err := it.Next()
			return v, true, err
		}
	case "remove":
		if c.fits() {
			return void(it.remove())
		}
	case "forEachRemaining":
		if c.fits(nullOnly) {
			return thrown(nullPointer())
		}
	}
	if it.bothWays {
		return c.onListIterator(it)
	}
	return notFound()
}

func (c *call) onListIterator(it *Iterator) (any, bool, error) {
	switch c.name {
	case "hasPrevious":
		if c.fits() {
			return returns(it.next > 0)
		}
	case "previous":
		if c.fits() {
			v, err := it.previous()
			return v, true, err
		}
	case "nextIndex":
		if c.fits() {
			return returns(int32(it.next))
		}
	case "previousIndex":
		if c.fits() {
			return returns(int32(it.next - 1))
		}
	case "set":
		if c.fits(anObject) {
			return void(it.replace(c.args[0]))
		}
	case "add":
		if c.fits(anObject) {
			return void(it.add(c.args[0]))
		}
	}
	return notFound()
}

// listIteratorAt is List.listIterator(int).
func (c *call) listIteratorAt(v any, length int) (any, bool, error) {
	if i := c.int(0); i < 0 || i > length {
		return thrown(badPosition(i, length))
	}
	return returns(listIterator(v, c.int(0)))
}
