@NullMarked
package com.mcpist.pair.supervisor;

import org.jspecify.annotations.NullMarked;
