@NullMarked
package com.mcpist.pair.control;

import org.jspecify.annotations.NullMarked;
