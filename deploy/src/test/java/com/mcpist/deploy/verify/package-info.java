@NullMarked
package com.mcpist.deploy.verify;

import org.jspecify.annotations.NullMarked;
